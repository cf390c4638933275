// A documentation page whose commands run as a test: blocks ```console with lines `$ command`, and what it prints below.

/**
 * @typedef {object} Step
 * @property {string} command As bash reads it; lines that begin with `> ` go on with it.
 * @property {number} exit From `# exit N` at the end of the command; 0 without one.
 * @property {string[]} shown What the page says it prints. A line `…` stands for any lines.
 * @property {number} line Of the command in the page, from 1.
 * @property {string[]} needs What the section asks for: `<!-- needs: mlflow, gto -->` below its heading.
 * @property {string} section
 */

/**
 * @param {string} text
 * @returns {Step[]}
 */
export function parsePage(text) {
  /** @type {Step[]} */
  const steps = []
  let inBlock = false
  let section = ''
  /** @type {string[]} */
  let needs = []
  for (const [index, line] of text.split('\n').entries()) {
    const last = steps.at(-1)
    if (line.startsWith('```')) inBlock = !inBlock && line === '```console'
    else if (!inBlock) {
      const heading = /^#+ (.*)/.exec(line)?.[1]
      if (heading !== undefined) [section, needs] = [heading, []]
      needs = /^<!-- needs: (.*) -->$/.exec(line)?.[1].split(', ') ?? needs
    } else if (line.startsWith('$ ')) {
      steps.push({ command: line.slice(2), exit: 0, shown: [], line: index + 1, needs, section })
    } else if (last?.shown.length === 0 && line.startsWith('> ')) last.command += `\n${line.slice(2)}`
    else last?.shown.push(line)
  }
  for (const step of steps) {
    const exit = /\s+# exit (\d+)$/.exec(step.command)
    if (exit === null) continue
    step.exit = Number(exit[1])
    step.command = step.command.slice(0, exit.index)
  }
  return steps
}
