export const skipReason: string
export function findServing(): { python: string; packages: string } | undefined
