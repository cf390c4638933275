import { isModelName } from '../tag/name.ts'

/** How model files end, whoever wrote them. */
const EXTENSION =
  /\.(?:pth|pt|pt2|ckpt|bin|safetensors|onnx|gguf|npz|h5|hdf5|keras|pkl|pickle|joblib|tflite|pb|mlmodel|ts|torchscript|params|weights|model)(?:\.tar)?$/i
/** Snapshots of a training, and copies of a version: none is the file that is released. */
const VARIANT =
  /(?:(?:^|[_.-])(?:epoch|step|iter|checkpoint|ckpt)[_=-]?\d+|[_.-](?:ep|e)[_=-]?\d+|epoch=\d+.*|[_.-]v?\d+\.\d+(?:\.\d+)?(?:[-+][\w.-]+)?|[_.-]v\d+)$/i
/** The one that is meant, the best guess first; the last ones are worse than a bare name. */
const KINDS = ['best', 'final', '', 'model', 'weights', 'checkpoint', 'ckpt', 'latest', 'last']
const KIND = /^(?:(?<name>.*)[_.-])?(?<kind>best|final|model|weights|checkpoint|ckpt|latest|last)$/i
const NO_NAME = /^(?:models?|checkpoints?|weights|runs?|outputs?|results?|artifacts?|\.)$/i

export interface NamedFile {
  /** As in a tag. */
  name: string
  path: string
  /** How surely it is the file to release: the lower the better. */
  rank: number
}

export function hasModelExtension(path: string): boolean {
  return EXTENSION.test(path)
}

export function withoutExtension(file: string): string {
  return file.replace(EXTENSION, '')
}

/** `resnet` of `resnet_best`. */
export function withoutKind(stem: string): string {
  return KIND.exec(stem)?.groups?.['name'] ?? stem
}

/**
 * What a file is a model of, by its path: `models/simple_cnn_best.pth` of `simple_cnn`, `runs/resnet/best.pth` of `resnet`. undefined for snapshots
 * of an epoch, copies of a version and what lies in a folder `archived`.
 */
export function nameOfFile(path: string): NamedFile | undefined {
  const folders = path.split('/')
  const file = folders.pop()!
  if (folders.some((folder) => /^archived?$/i.test(folder))) return undefined
  const stem = withoutExtension(file)
  if (VARIANT.test(stem)) return undefined
  const { name = '', kind } = KIND.exec(stem)?.groups ?? { name: stem, kind: '' }
  if (VARIANT.test(name)) return undefined
  const parent = folders.findLast((folder) => !NO_NAME.test(folder))
  const cleaned = tagName(name === '' ? (parent ?? 'model') : name)
  return cleaned === undefined ? undefined : { name: cleaned, path, rank: KINDS.indexOf(kind!.toLowerCase()) }
}

/** Of files that are of one model the best one; of those in several folders each, named after its folder too. */
export function chooseModels(files: readonly NamedFile[]): NamedFile[] {
  const chosen = new Map<string, NamedFile>()
  const ordered = files.toSorted((a, b) => depth(a) - depth(b) || a.rank - b.rank || (a.path < b.path ? -1 : 1))
  for (const file of ordered) {
    const known = chosen.get(file.name)
    if (known === undefined) chosen.set(file.name, file)
    else if (folderOf(known) !== folderOf(file)) {
      const name = tagName(`${folderOf(file).split('/').at(-1)}-${file.name}`)
      if (name !== undefined && !chosen.has(name)) chosen.set(name, { ...file, name })
    }
  }
  return [...chosen.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

function depth({ path }: NamedFile): number {
  return path.split('/').length
}

function folderOf({ path }: NamedFile): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

function tagName(text: string): string | undefined {
  const name = text.replaceAll(/[^a-zA-Z0-9_-]+/g, '-').replaceAll(/^[-_]+|[-_]+$/g, '')
  return isModelName(name) ? name : undefined
}
