export interface TrackingServer {
  url: string
  stop(): Promise<void>
}

export function startMlflow(python: string, folder: string, options?: { artifacts?: string[]; env?: NodeJS.ProcessEnv }): Promise<TrackingServer>
