export * from './error.ts'
export * from './event.ts'
export * from './oid.ts'
