export * from './model-file.ts'
export * from './source.ts'
