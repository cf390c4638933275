/** The flag `-r` of whatever asks a remote; what it is for there is for its command to say. */
export function remoteFlag(describe: string) {
  return { type: 'string', alias: 'r', value: 'name', complete: 'remote', describe } as const
}
