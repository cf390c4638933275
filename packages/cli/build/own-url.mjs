/** What `import.meta` stands for in the files of the build, which are CommonJS. */
export const artImportMeta = {
  get url() {
    return process.getBuiltinModule('node:url').pathToFileURL(__filename).href
  },
}
