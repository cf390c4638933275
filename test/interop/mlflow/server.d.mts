export interface TrackingServer {
  url: string
  stop(): Promise<void>
}

export function startMlflow(python: string, folder: string): Promise<TrackingServer>
