export const STAMP: string
export const TORCH: string
export function findTorch(): { python: string; onnx: boolean } | undefined
