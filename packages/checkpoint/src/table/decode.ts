import { createHash } from 'node:crypto'
import { ArtError } from '@art/core'
import { TENSORS_MAX } from '../format/bounds.ts'
import { present } from '../present.ts'
import { factFrom, factsFrom } from './decode-facts.ts'
import { formatFrom, graphFrom, scanFrom, storageFrom, tensorFrom } from './decode-rows.ts'
import { TABLE_BYTES_MAX, TABLE_HEADING } from './encode.ts'
import { relieve } from '@art/core/relieve.ts'
import { as, damaged, Fields, isText } from './fields.ts'
import type { TableStorage, TableTensor, TensorTable } from './table.ts'

const TRAILER_BYTES = 'end '.length + 64 + 1

/**
 * Reads a tensor table. What it says of the model file is not checked against that. Fails with `CORRUPT`, or `UNSUPPORTED` for one that a newer
 * art wrote; then there is no table.
 */
export function decodeTable(bytes: Uint8Array): TensorTable {
  if (bytes.length > TABLE_BYTES_MAX + TRAILER_BYTES) throw damaged('it is too large')
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const body = data.subarray(0, Math.max(0, data.length - TRAILER_BYTES))
  const end = `end ${createHash('sha256').update(body).digest('hex')}\n`
  if (data.toString('latin1', body.length) !== end) throw damaged('it is incomplete or altered')
  const lines = linesOf(body)
  const heading = lines.next().value
  if (heading !== TABLE_HEADING) {
    throw new ArtError('UNSUPPORTED', `expected "${TABLE_HEADING}", found "${heading?.slice(0, 40)}"`, {
      hint: 'Update art.',
    })
  }
  const head = parseLine(lines.next().value)
  const [storageCount, tensorCount] = [head.natural('storages'), head.natural('tensors')]
  if (tensorCount > TENSORS_MAX || storageCount > tensorCount) throw damaged('it has more rows than art writes')
  const enclosing = head.text('enclosing')
  const storages: TableStorage[] = []
  while (storages.length < storageCount) storages.push(storageFrom(parseLine(lines.next().value)))
  relieve(tensorCount)
  const tensors: TableTensor[] = []
  while (tensors.length < tensorCount) tensors.push(tensorFrom(parseLine(lines.next().value), enclosing, storageCount))
  if (lines.next().done !== true) throw damaged('its lines are not as many as it says')
  relieve(tensorCount)
  return tableOf(head, enclosing, storages, tensors)
}

/** Each without its `\n`, which the last has too; one after another, since all of them take several times their bytes. */
function* linesOf(body: Buffer): Generator<string, undefined> {
  for (let at = 0; at < body.length; ) {
    const end = body.indexOf(0x0a, at)
    if (end < 0) throw damaged('its last line has no end')
    yield body.toString('utf8', at, end)
    at = end + 1
  }
}

function parseLine(line: string | undefined): Fields {
  try {
    return new Fields(JSON.parse(line ?? ''))
  } catch (error) {
    if (error instanceof ArtError) throw error
    throw damaged('a line is no JSON')
  }
}

function tableOf(head: Fields, enclosing: string, storages: TableStorage[], tensors: TableTensor[]): TensorTable {
  const producer = head.optionalFields('producer')
  const scan = head.optionalFields('scan')
  const graph = head.optionalFields('graph')
  const format = formatFrom(head.text('format'))
  return present<TensorTable>({
    format,
    producer:
      producer &&
      present<{ name: string; version?: string }>({
        name: producer.text('name'),
        version: producer.optional('version', isText),
      }),
    enclosing,
    others: head.list('others', as(isText)),
    storages,
    tensors,
    aliases: head.pairs('aliases', as(isText)),
    copies: head.pairs('copies', as(isText)),
    facts: factsFrom(head.fields('facts'), format),
    metadata: head.pairs('metadata', factFrom),
    imports: head.list('imports', as(isText)),
    scan: scan && scanFrom(scan),
    graph: graph && graphFrom(graph),
    warnings: head.list('warnings', as(isText)),
  })
}
