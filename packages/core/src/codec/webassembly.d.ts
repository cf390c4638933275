/** As much of it as the codec uses: Node's types have none. */
declare namespace WebAssembly {
  interface Memory {
    readonly buffer: ArrayBuffer
  }
  interface Global {
    readonly value: unknown
  }
  interface Module {
    readonly [brand: symbol]: never
  }
  interface Instance {
    readonly exports: Record<string, unknown>
  }
  const Module: new (bytes: Uint8Array) => Module
  const Instance: new (module: Module, imports?: Record<string, Record<string, unknown>>) => Instance
}
