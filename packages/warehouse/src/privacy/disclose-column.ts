import type { AssetPath, ColumnCatalog, ColumnProfile, SampleDisclosure } from '@amx/api'
import type { ColumnStatistics } from '../statistics/column-statistics.ts'
import { valueFamily } from '../statistics/value-order.ts'
import { maskValue } from './mask-value.ts'
import { hasPersonalName, namesFreeText, namesState } from './personal-names.ts'
import { isPersonalValue, personalPattern } from './personal-values.ts'

/** Rows that must share a value before it may be shown as part of an enumeration: one row's value can point at one person. */
const sharedBy = 3
/** Words and characters above which a value is text, not the name of a state. */
const stateWords = 4
const stateCharacters = 64

/** What may be told of a column: the one door through which values leave. */
export function discloseColumn(
  statistics: ColumnStatistics,
  column: ColumnCatalog,
  path: AssetPath,
  disclosure: SampleDisclosure,
): ColumnProfile {
  const { evidence, ...profile } = statistics
  if (disclosure === 'Raw') return { ...profile, heldBack: null }
  if (disclosure === 'None') return { ...withoutValues(profile), heldBack: 'Disclosure' }
  if (isPersonal(column, path, evidence)) return { ...withoutValues(profile), heldBack: 'Personal' }

  const shown = shownValues(profile, column)
  const masked = (value: string) => (shown.has(value) ? value : maskValue(value))
  return {
    ...profile,
    minimum: profile.minimum === null ? null : masked(profile.minimum),
    maximum: profile.maximum === null ? null : masked(profile.maximum),
    samples: [...new Set(profile.samples.map(masked))],
    frequencies: profile.frequencies.filter(({ value }) => shown.has(value)),
    heldBack: null,
  }
}

/** The profile of a column that nothing but name and type may be told of. */
export function excludedColumn(name: string): ColumnProfile {
  return { ...emptyColumn(name), heldBack: 'Excluded' }
}

/** The profile of a column nothing is known of. */
export function emptyColumn(name: string): ColumnProfile {
  return {
    name,
    nullFraction: null,
    distinct: null,
    distinctIsExact: false,
    minimum: null,
    maximum: null,
    minimumLength: null,
    maximumLength: null,
    samples: [],
    frequencies: [],
    pattern: null,
    heldBack: null,
  }
}

// A declared enumeration or a flag cannot hold a name, whatever its column is called.
function isPersonal(column: ColumnCatalog, path: AssetPath, evidence: readonly string[]): boolean {
  const family = valueFamily(column)
  if (family === 'Enum' || family === 'Boolean') return false
  return hasPersonalName(path) || (family !== 'Temporal' && personalPattern(evidence) !== null)
}

function withoutValues(profile: Omit<ColumnProfile, 'heldBack'>): Omit<ColumnProfile, 'heldBack'> {
  return { ...profile, minimum: null, maximum: null, samples: [], frequencies: [] }
}

/** "Ada Lovelace", "Karl-Heinz J. Vogel", "Lovelace, Ada": the shape of a person's name, and of "Credit Card". */
const nameShape = /^\p{Lu}[\p{Ll}'’]*\.?(?:,? ?-?\p{Lu}[\p{L}'’]*\.?){1,3}$/u

/** Values of an enumeration that may be told as they are. */
function shownValues(profile: Omit<ColumnProfile, 'heldBack'>, column: ColumnCatalog): ReadonlySet<string> {
  const declared = valueFamily(column) === 'Enum' || valueFamily(column) === 'Boolean'
  if (declared) return new Set([...(column.enumValues ?? ['true', 'false', 't', 'f'])])
  const rows = profile.frequencies.reduce((sum, frequency) => sum + frequency.rows, 0)
  if (rows < 4 * profile.frequencies.length || namesFreeText(column.name)) return new Set()
  // Who is named in many rows is still a person: such values are told only where the column says that it holds states.
  const named = profile.frequencies.filter(({ value }) => / /.test(value) && nameShape.test(value))
  if (named.length >= 0.5 * profile.frequencies.length && named.length > 0 && !namesState(column.name)) return new Set()
  return new Set(
    profile.frequencies
      .filter(({ value, rows: count }) => count >= sharedBy && isStateName(value))
      .map(({ value }) => value)
      .filter((value) => !isPersonalValue(value)),
  )
}

function isStateName(value: string): boolean {
  return value.length <= stateCharacters && value.trim().split(/\s+/).length <= stateWords
}
