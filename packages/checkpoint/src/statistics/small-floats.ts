/**
 * The values of floating-point numbers of one and two bytes. Sources: IEEE 754 (binary16), bfloat16 as the upper half of a binary32, OCP 8-bit
 * floating point (e4m3fn, e5m2), OCP microscaling (e8m0), and torch's `fnuz` variants, which have no negative zero and spell NaN with it.
 */
export interface SmallFloat {
  readonly exponentBits: number
  readonly mantissaBits: number
  readonly bias: number
  /** `ieee`: the highest exponent holds infinities and NaN. `fn`: all ones are NaN. `fnuz`: only minus zero is. */
  readonly special: 'ieee' | 'fn' | 'fnuz'
}

export const SMALL_FLOATS: Readonly<Record<string, SmallFloat>> = {
  float16: { exponentBits: 5, mantissaBits: 10, bias: 15, special: 'ieee' },
  bfloat16: { exponentBits: 8, mantissaBits: 7, bias: 127, special: 'ieee' },
  float8_e4m3fn: { exponentBits: 4, mantissaBits: 3, bias: 7, special: 'fn' },
  float8_e4m3fnuz: { exponentBits: 4, mantissaBits: 3, bias: 8, special: 'fnuz' },
  float8_e5m2: { exponentBits: 5, mantissaBits: 2, bias: 15, special: 'ieee' },
  float8_e5m2fnuz: { exponentBits: 5, mantissaBits: 2, bias: 16, special: 'fnuz' },
}

/** What `bits` stand for. */
export function smallFloat(bits: number, { exponentBits, mantissaBits, bias, special }: SmallFloat): number {
  const mantissa = bits & ((1 << mantissaBits) - 1)
  const highest = (1 << exponentBits) - 1
  const exponent = (bits >> mantissaBits) & highest
  const isNegative = bits >> (mantissaBits + exponentBits) === 1
  const sign = isNegative ? -1 : 1
  if (special === 'fnuz' && isNegative && exponent === 0 && mantissa === 0) return Number.NaN
  if (exponent === highest && special === 'ieee') return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  if (exponent === highest && special === 'fn' && mantissa === (1 << mantissaBits) - 1) return Number.NaN
  if (exponent === 0) return sign * mantissa * 2 ** (1 - bias - mantissaBits)
  return sign * (mantissa + (1 << mantissaBits)) * 2 ** (exponent - bias - mantissaBits)
}

/** Powers of two without a sign: scales of microscaling formats. */
export function e8m0(bits: number): number {
  return bits === 255 ? Number.NaN : 2 ** (bits - 127)
}
