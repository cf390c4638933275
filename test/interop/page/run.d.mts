export class Shell {
  constructor(place: { state: string; cwd: string; env: NodeJS.ProcessEnv })
  run(command: string): { code: number | null; output: string }
}
