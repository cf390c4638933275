const CODES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  cyan: [36, 39],
} as const

export type Ink = keyof typeof CODES
export type Paint = (ink: Ink, text: string) => string

export const PLAIN: Paint = (_ink, text) => text
export const COLOURED: Paint = (ink, text) => `\u001b[${CODES[ink][0]}m${text}\u001b[${CODES[ink][1]}m`

export type ColorChoice = 'auto' | 'always' | 'never'

/** `--color` wins, then NO_COLOR, FORCE_COLOR, and last whether a terminal reads along. */
export function choosePaint(choice: ColorChoice, isTerminal: boolean, environment: NodeJS.ProcessEnv): Paint {
  if (choice !== 'auto') return choice === 'always' ? COLOURED : PLAIN
  if (environment['NO_COLOR']) return PLAIN
  const force = environment['FORCE_COLOR']
  if (force !== undefined) return force === '0' || force === 'false' ? PLAIN : COLOURED
  return isTerminal && environment['TERM'] !== 'dumb' ? COLOURED : PLAIN
}
