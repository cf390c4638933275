export function preparePage(base: string): Promise<{ env: NodeJS.ProcessEnv; has: string[]; stop: () => Promise<void> }>
