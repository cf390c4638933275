// The parts of yargs and yargs-parser that are used; neither ships types.
declare module 'yargs-parser/browser' {
  interface ParserOptions {
    boolean?: string[]
    string?: string[]
    array?: string[]
    alias?: Record<string, string[]>
    narg?: Record<string, number>
    configuration?: Record<string, boolean>
  }
  interface Parsed {
    argv: { _: string[]; '--'?: string[]; [flag: string]: unknown }
    error: Error | null
  }
  const parser: { detailed(argv: readonly string[], options: ParserOptions): Parsed }
  export default parser
}

declare module 'yargs' {
  interface OptionSpec {
    describe: string
    alias?: string
  }
  interface Yargs {
    scriptName(name: string): Yargs
    usage(text: string): Yargs
    option(name: string, spec: OptionSpec): Yargs
    group(names: string[], title: string): Yargs
    positional(name: string, spec: { describe: string }): Yargs
    example(line: string, what: string): Yargs
    epilogue(text: string): Yargs
    version(enabled: false): Yargs
    help(enabled: false): Yargs
    locale(name: string): Yargs
    updateStrings(strings: Record<string, string>): Yargs
    parserConfiguration(configuration: Record<string, boolean>): Yargs
    exitProcess(enabled: boolean): Yargs
    wrap(columns: number | null): Yargs
    getHelp(): Promise<string>
  }
  export default function yargs(argv: readonly string[]): Yargs
}
