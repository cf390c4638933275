export interface Step {
  command: string
  exit: number
  shown: string[]
  line: number
  needs: string[]
  section: string
}
export function parsePage(text: string): Step[]
