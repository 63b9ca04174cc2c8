import type { HandWritten } from '@amx/api'
import { parse as parseCSV } from 'csv-parse/sync'
import { parse as parseYAML } from 'yaml'
import { usageError } from '../../connection/connection-options.ts'

const shape = 'a list of {asset, text, target?}, or asset: text, or a CSV file with the heads asset and text'

/**
 * The texts of a file: YAML or JSON, as a list of `{asset, text, target?}` or as a map of asset to text; CSV with a line of heads
 * where the name ends in .csv. Pure; throws AMX-1014 naming the entry that is none.
 */
export function parseTexts(content: string, name: string): HandWritten[] {
  const entries = /\.csv$/i.test(name) ? csvEntries(content, name) : yamlEntries(content, name)
  if (entries.length === 0) throw usageError(`${name} holds no text: write ${shape}`)
  return entries.map((entry, index) => textOf(entry, `${name}, entry ${index + 1}`))
}

function csvEntries(content: string, name: string): unknown[] {
  try {
    return parseCSV(content, { columns: true, bom: true, skip_empty_lines: true, trim: false })
  } catch (error) {
    throw usageError(`${name}: ${(error as Error).message}`)
  }
}

function yamlEntries(content: string, name: string): unknown[] {
  let value: unknown
  try {
    value = parseYAML(content)
  } catch (error) {
    throw usageError(`${name}: ${(error as Error).message}`)
  }
  if (Array.isArray(value)) return value
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).map(([asset, text]) => ({ asset, text }))
  }
  throw usageError(`${name} holds no texts: write ${shape}`)
}

function textOf(entry: unknown, where: string): HandWritten {
  if (typeof entry !== 'object' || entry === null) throw usageError(`${where}: write ${shape}`)
  const { asset, text, target } = entry as Record<string, unknown>
  if (typeof asset !== 'string' || asset === '') throw usageError(`${where} names no asset: write ${shape}`)
  if (typeof text !== 'string' || text.trim() === '') throw usageError(`${where} (${asset}) has no text`)
  if (target === undefined || target === null || target === '') return { asset, text }
  if (typeof target !== 'string') throw usageError(`${where} (${asset}): target is the name of a DatabaseProfile`)
  return { asset, target, text }
}
