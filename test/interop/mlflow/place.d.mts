export const MLFLOW: string
export function findMlflow(): string | undefined
