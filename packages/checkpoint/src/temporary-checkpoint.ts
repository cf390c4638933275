import { makeZip, type TestMember } from './zip/temporary-zip.ts'

const ALIGNMENT = 64

/**
 * For tests: a checkpoint as a training loop saves it, as `torch.save` lays it out: `{epoch, model_state_dict, optimizer_state_dict, val_acc}` with the
 * state of Adam, so that the weights are a third of it. Storages are of float32; `bytes` gives those of each.
 */
export function temporaryCheckpoint(
  layers: number,
  bytes: (storage: number) => Uint8Array,
  { epoch = 4, valAcc = 0.9 }: { epoch?: number; valAcc?: number } = {},
): Buffer {
  const storages: Uint8Array[] = []
  const tensor = (): Uint8Array => {
    const data = bytes(storages.length)
    storages.push(data)
    const elements = data.length / 4
    const id = tuple(
      text('storage'),
      global('torch', 'FloatStorage'),
      text(String(storages.length - 1)),
      text('cpu'),
      int(elements),
    )
    const hooks = call(global('collections', 'OrderedDict'), EMPTY_TUPLE)
    const args = tuple(joined(id, PERSISTENT), int(0), tuple(int(elements)), tuple(int(1)), FALSE, hooks)
    return call(global('torch._utils', '_rebuild_tensor_v2'), args)
  }
  const numbers = Array.from({ length: layers }, (_, i) => i)
  const weights = dict(...numbers.map((i): Pair => [text(`layer${i}.weight`), tensor()]))
  const moments = (): Uint8Array => dict([text('exp_avg'), tensor()], [text('exp_avg_sq'), tensor()])
  const group = dict([text('lr'), real(0.001)], [text('params'), list(...numbers.map(int))])
  const optimizer = dict(
    [text('state'), dict(...numbers.map((i): Pair => [int(i), moments()]))],
    [text('param_groups'), list(group)],
  )
  const root = dict(
    [text('epoch'), int(epoch)],
    [text('model_state_dict'), weights],
    [text('optimizer_state_dict'), optimizer],
    [text('val_acc'), real(valAcc)],
  )
  const pickle = joined(Buffer.from([0x80, 2]), root, Buffer.from('.'))
  const names = [...storages.keys()].map((i) => `archive/data/${i}`)
  return archive(
    ['archive/data.pkl', 'archive/byteorder', ...names, 'archive/version'],
    [pickle, Buffer.from('little'), ...storages, Buffer.from('3\n')],
  )
}

/** Data are aligned, as torch aligns them: by an extra field of the local header. */
function archive(names: readonly string[], data: readonly Uint8Array[]): Buffer {
  let at = 0
  const members = names.map((name, i): TestMember => {
    const start = at + 30 + name.length
    const extra = Buffer.alloc(((ALIGNMENT - ((start + 4) % ALIGNMENT)) % ALIGNMENT) + 4)
    extra.write('FB', 0)
    extra.writeUInt16LE(extra.length - 4, 2)
    at = start + extra.length + data[i]!.length
    return { name, data: data[i]!, local: { extra } }
  })
  return makeZip(members)
}

type Pair = [key: Uint8Array, value: Uint8Array]

const EMPTY_TUPLE = Buffer.from(')')
const FALSE = Buffer.from([0x89])
const PERSISTENT = Buffer.from('Q')

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts)
}

function text(value: string): Uint8Array {
  const head = Buffer.from('X....')
  head.writeUInt32LE(Buffer.byteLength(value), 1)
  return joined(head, Buffer.from(value))
}

function int(value: number): Uint8Array {
  const bytes = Buffer.from('J....')
  bytes.writeInt32LE(value, 1)
  return bytes
}

function real(value: number): Uint8Array {
  const bytes = Buffer.from('G........')
  bytes.writeDoubleBE(value, 1)
  return bytes
}

function global(module: string, name: string): Uint8Array {
  return Buffer.from(`c${module}\n${name}\n`)
}

function tuple(...items: readonly Uint8Array[]): Uint8Array {
  return joined(Buffer.from('('), ...items, Buffer.from('t'))
}

function list(...items: readonly Uint8Array[]): Uint8Array {
  return joined(Buffer.from(']('), ...items, Buffer.from('e'))
}

function dict(...pairs: readonly Pair[]): Uint8Array {
  return joined(Buffer.from('}('), ...pairs.flat(), Buffer.from('u'))
}

function call(callable: Uint8Array, args: Uint8Array): Uint8Array {
  return joined(callable, args, Buffer.from('R'))
}
