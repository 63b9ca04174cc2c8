import type { PromptDetail } from '@amx/api'

/** What a prompt shows, by prompt detail. Comments, keys and null counts are always shown. */
export interface DetailPreset {
  /** Example values per column, 0 for none. */
  readonly samples: number
  readonly minimumAndMaximum: 'Shown' | 'Hidden'
  /** Distinct counts, value frequencies and lengths. */
  readonly distribution: 'Shown' | 'Hidden'
  readonly constraints: 'Shown' | 'Hidden'
  readonly usage: 'Shown' | 'Hidden'
  /** Comments of the schema, the database and the tables at the other end of foreign keys. */
  readonly surroundings: 'Shown' | 'Hidden'
  /** References shown of a table or column, each way. */
  readonly references: number
  /** Longest comment or expression, in characters. */
  readonly commentCharacters: number
  /** Most values of an enumerated type. */
  readonly allowedValues: number
}

const unlimited = { references: 20, commentCharacters: 1_000, allowedValues: 30 } as const

const everything = {
  ...unlimited,
  samples: 5,
  minimumAndMaximum: 'Shown',
  distribution: 'Shown',
  constraints: 'Shown',
  usage: 'Shown',
  surroundings: 'Shown',
} as const

const little = {
  ...unlimited,
  distribution: 'Hidden',
  constraints: 'Hidden',
  usage: 'Hidden',
  surroundings: 'Hidden',
} as const

/** The presets of the original product; Detailed and Full differ only in what documents add. */
export const detailPresets: Readonly<Record<PromptDetail, DetailPreset>> = {
  Minimal: { ...little, samples: 0, minimumAndMaximum: 'Hidden' },
  Standard: { ...little, samples: 3, minimumAndMaximum: 'Shown' },
  Detailed: everything,
  Full: everything,
}
