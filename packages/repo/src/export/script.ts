import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import main from './script/__main__.py'
import compare from './script/compare.py'
import inputs from './script/inputs.py'
import load from './script/load.py'
import onnx from './script/onnx_file.py'
import problem from './script/problem.py'
import run from './script/run.py'
import torchscript from './script/torchscript.py'
import weights from './script/weights.py'

const FILES: Readonly<Record<string, string>> = {
  '__main__.py': main,
  'compare.py': compare,
  'inputs.py': inputs,
  'load.py': load,
  'onnx_file.py': onnx,
  'problem.py': problem,
  'run.py': run,
  'torchscript.py': torchscript,
  'weights.py': weights,
}

/** Puts the program that art carries into a folder, and returns what Python is told to run. */
export function writeScript(folder: string): string {
  const home = join(folder, '_art_export')
  mkdirSync(home)
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(home, name), text)
  return home
}
