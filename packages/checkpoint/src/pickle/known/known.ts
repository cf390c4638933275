import type { Known } from '../settle.ts'
import { BUILTINS } from './builtins.ts'
import { OMEGACONF } from './omegaconf.ts'
import { PATHS } from './path.ts'
import { TIMES } from './time.ts'

/** Calls that any pickle may hold and that become plain data, whatever file it is in. */
export const PLAIN_CALLS: ReadonlyMap<string, Known> = new Map([...BUILTINS, ...TIMES, ...PATHS, ...OMEGACONF])
