/** git may have written other line ends into the working tree. Nothing is the same as nothing. */
export function isSameText(one: string | undefined, other: string | undefined): boolean {
  return one?.replaceAll('\r\n', '\n') === other?.replaceAll('\r\n', '\n')
}
