/**
 * Something that two readers of one archive could take differently, or that none of them shows: what hides a payload from a scanner.
 *
 * - `end`: the records at the end name more than one directory, or state impossible lengths
 * - `prefix`: bytes before the archive; a reader that goes by the first bytes sees another format
 * - `count`: the directory holds more, or fewer, members than its end record says
 * - `duplicate`: a name that occurs twice, also in another case, which torch does not tell apart
 * - `name`: not UTF-8, cut short by a NUL, absolute, or leading out of the folder
 * - `local`: the header before a member's data differs from the directory
 * - `overlap`: bytes that belong to two members
 * - `hidden`: data that no listed member holds
 */
export interface ZipLie {
  readonly kind: 'end' | 'prefix' | 'count' | 'duplicate' | 'name' | 'local' | 'overlap' | 'hidden'
  readonly member?: string
  /** In the archive's source. */
  readonly offset: number
  readonly message: string
}
