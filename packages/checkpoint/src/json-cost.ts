/** What `JSON.parse` may take for each `{` and `[`, each `:` and each `,`, in bytes: tens of times what they are written in. */
const OPENED = 100
const NAMED = 120
const NEXT = 20

/** An honest program of 16 MiB costs 107 MB. */
const COST_MAX = 128 << 20

/** May these bytes be given to `JSON.parse`, as far as memory goes? Those within strings count too. */
export function isAffordableJson(bytes: Uint8Array, most: number = COST_MAX): boolean {
  let cost = bytes.length
  for (const byte of bytes) {
    if (byte === 0x7b || byte === 0x5b) cost += OPENED
    else if (byte === 0x3a) cost += NAMED
    else if (byte === 0x2c) cost += NEXT
    if (cost > most) return false
  }
  return true
}
