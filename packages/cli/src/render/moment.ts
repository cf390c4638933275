/** `2026-11-01 12:00` of ISO 8601 in UTC. */
export function shownMoment(iso: string): string {
  return iso.slice(0, 16).replace('T', ' ')
}

/** The name of `Name <mail>`, or the mail where there is none. */
export function shownPerson(by: string): string {
  return by.replace(/ ?<[^>]*>$/, '') || by.replace(/[<>]/g, '')
}

/** A version as it is, a commit that stands for one cut to twelve digits. */
export function shownVersion(version: string | null | undefined): string {
  if (version === null || version === undefined) return 'nobody'
  return /^[0-9a-f]{40,64}$/.test(version) ? version.slice(0, 12) : version
}
