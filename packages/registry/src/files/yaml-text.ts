import { formatScalar, quote, type YamlMap, type YamlValue } from '@art/core/yaml/plain.ts'

/** Texts that YAML 1.1, and so PyYAML, takes for a truth value, nothing, a merge or a number. */
const OF_YAML_1_1 = /^(?:y|n|yes|no|on|off|true|false|null|~|=|<<)$/i
const KEY = /^[A-Za-z_][A-Za-z0-9_.-]{0,127}$/

/** Would readers of YAML 1.1 or 1.2 take the bare text for anything but text? Times and dates begin with a digit. */
export function needsQuotes(text: string): boolean {
  return OF_YAML_1_1.test(text) || !/^[A-Za-z_/]/.test(text) || formatScalar(text) !== text || text.includes(' #')
}

/** Lines of YAML that readers of 1.1 and of 1.2 understand alike: maps in blocks, all within a list in one line. */
export function formatYaml(map: YamlMap, indent = ''): string {
  let text = ''
  for (const [key, value] of map) {
    text += `${indent}${formatKey(key)}:`
    if (value instanceof Map && value.size > 0) text += `\n${formatYaml(value, `${indent}  `)}`
    else text += ` ${formatFlow(value)}\n`
  }
  return text
}

function formatKey(key: string): string {
  return KEY.test(key) && !needsQuotes(key) ? key : quote(key)
}

function formatFlow(value: YamlValue): string {
  if (value === null) return 'null'
  if (value instanceof Map) {
    return `{${[...value].map(([key, one]) => `${formatKey(key)}: ${formatFlow(one)}`).join(', ')}}`
  }
  if (Array.isArray(value)) return `[${value.map(formatInFlow).join(', ')}]`
  if (typeof value !== 'string') return formatScalar(value)
  return needsQuotes(value) ? quote(value) : value
}

function formatInFlow(value: YamlValue): string {
  return typeof value === 'string' && value.includes(',') ? quote(value) : formatFlow(value)
}
