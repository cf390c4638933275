export interface BlockType {
  /** Torch's name where torch has the type, else ggml's in lower case. */
  readonly name: string
  /** Elements of a block along the first of ggml's dimensions, and its bytes. */
  readonly elements: number
  readonly bytes: number
}

function type(name: string, elements: number, bytes: number): BlockType {
  return { name, elements, bytes }
}

/**
 * `ggml_type` (ggml.h) → its blocks, after `GGML_QUANT_SIZES` of the gguf package 0.19.0. 31 to 33 and 36 to 38 were removed from ggml, and
 * are blocks of Q4_0 and IQ4_NL in another order.
 */
export const BLOCK_TYPES: ReadonlyMap<number, BlockType> = new Map([
  [0, type('float32', 1, 4)],
  [1, type('float16', 1, 2)],
  [2, type('q4_0', 32, 18)],
  [3, type('q4_1', 32, 20)],
  [6, type('q5_0', 32, 22)],
  [7, type('q5_1', 32, 24)],
  [8, type('q8_0', 32, 34)],
  [9, type('q8_1', 32, 40)],
  [10, type('q2_k', 256, 84)],
  [11, type('q3_k', 256, 110)],
  [12, type('q4_k', 256, 144)],
  [13, type('q5_k', 256, 176)],
  [14, type('q6_k', 256, 210)],
  [15, type('q8_k', 256, 292)],
  [16, type('iq2_xxs', 256, 66)],
  [17, type('iq2_xs', 256, 74)],
  [18, type('iq3_xxs', 256, 98)],
  [19, type('iq1_s', 256, 50)],
  [20, type('iq4_nl', 32, 18)],
  [21, type('iq3_s', 256, 110)],
  [22, type('iq2_s', 256, 82)],
  [23, type('iq4_xs', 256, 136)],
  [24, type('int8', 1, 1)],
  [25, type('int16', 1, 2)],
  [26, type('int32', 1, 4)],
  [27, type('int64', 1, 8)],
  [28, type('float64', 1, 8)],
  [29, type('iq1_m', 256, 56)],
  [30, type('bfloat16', 1, 2)],
  [31, type('q4_0_4_4', 32, 18)],
  [32, type('q4_0_4_8', 32, 18)],
  [33, type('q4_0_8_8', 32, 18)],
  [34, type('tq1_0', 256, 54)],
  [35, type('tq2_0', 256, 66)],
  [36, type('iq4_nl_4_4', 32, 18)],
  [37, type('iq4_nl_4_8', 32, 18)],
  [38, type('iq4_nl_8_8', 32, 18)],
  [39, type('mxfp4', 32, 17)],
  [40, type('nvfp4', 64, 36)],
  [41, type('q1_0', 128, 18)],
])
