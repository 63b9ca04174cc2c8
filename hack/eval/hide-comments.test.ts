import type { TableCatalog } from '@amx/api'
import { expect, test } from 'vitest'
import { referencesOf, withoutComments } from './hide-comments.ts'

const key = {
  name: 'fk',
  columns: ['city_id'],
  otherTable: 'bike.city',
  otherColumns: ['city_id'],
  otherComment: 'SECRET 5',
}

const column = { ordinal: 1, type: 'integer', nullable: false, default: null }

const station: TableCatalog = {
  path: 'bike.station',
  kind: 'Table',
  comment: 'SECRET 1',
  schemaComment: 'SECRET 2',
  databaseComment: 'SECRET 3',
  columns: [
    { ...column, name: 'city_id', comment: 'SECRET 4' },
    { ...column, name: 'Label.Short', comment: 'SECRET 7' },
    { ...column, name: 'blank', comment: '  ' },
  ],
  primaryKey: [],
  foreignKeysOut: [key],
  foreignKeysIn: [{ ...key, otherComment: 'SECRET 6' }],
  uniqueKeys: [],
  checks: [],
  indexes: [],
  partitioning: null,
  viewDefinition: null,
  rowEstimate: 3,
  sizeBytes: null,
  usage: null,
  unreadable: null,
  structureDigest: 'digest',
  statisticsTime: null,
}

test('nothing that a person wrote is left of a catalog, its own or of what it refers to', () => {
  expect(JSON.stringify(withoutComments(station))).not.toContain('SECRET')
})

test('comments are kept for the comparison by path, blank ones are none', () => {
  expect(referencesOf(station).map(({ path, column, text }) => [path, column, text])).toEqual([
    ['bike.station', null, 'SECRET 1'],
    ['bike.station.city_id', 'city_id', 'SECRET 4'],
    ['bike.station."Label.Short"', 'Label.Short', 'SECRET 7'],
  ])
})
