// The build and vitest.config.ts give the text of a Python file.
declare module '*.py' {
  const text: string
  export default text
}
