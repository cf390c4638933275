import type { Value } from '../../model-file.ts'
import { tuple } from '../../pickle/value.ts'

const STORAGE =
  /^\('storage', <class '([\w.]{1,200})\.(\w{1,100})'>, '(\d{1,30})', '([\w:]{1,60})', (\d{1,16})(?:, (?:None|\('\d{1,30}', (\d{1,16}), (\d{1,16})\)))?\)$/
const MODULE = /^\('module', <class '([\w.]{1,200})\.(\w{1,100})'>, /

/**
 * The persistent id that a text stands for. Protocol 0 has room for texts only, so `torch.save(…, pickle_protocol=0)` leaves what `str()` makes
 * of its tuples, and `torch.load` does not take them back. Undefined for any other text.
 */
export function spelledId(text: string): Value | undefined {
  const storage = STORAGE.exec(text)
  if (storage !== null) {
    const [, module, name, key, location, numel, start, length] = storage
    const view = start === undefined ? null : tuple([key!, Number(start), Number(length)])
    return tuple(['storage', global(module!, name!), key!, location!, Number(numel), view])
  }
  const found = MODULE.exec(text)
  return found === null ? undefined : tuple(['module', global(found[1]!, found[2]!)])
}

function global(module: string, name: string): Value {
  return { kind: 'global', module, name }
}
