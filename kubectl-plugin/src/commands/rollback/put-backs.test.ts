import type { AuditRow } from '@amx/api'
import { expect, test } from 'vitest'
import { changeRow } from '../../results/run-summary-fixture.ts'
import { putBacks } from './put-backs.ts'

const row = (path: string, oldText: string | null, newText: string): AuditRow => ({
  ...changeRow(path, { oldText, newText }),
  databaseProfile: 'shop-db',
  run: { uid: 'uid', name: 'run', type: 'Apply' },
  undoes: null,
  undoneBy: null,
})

test('a comment goes back to before the first write of the run', () => {
  const written = [row('s.a', null, 'One.'), row('s.b', 'Old.', 'New.'), row('s.a', 'One.', 'Two.')]
  expect(putBacks(written, []).map(({ path, text, written: left }) => [path, text, left])).toEqual([
    ['s.a', null, 'Two.'],
    ['s.b', 'Old.', 'New.'],
  ])
})

test('named assets alone go back', () => {
  expect(putBacks([row('s.a', 'x', 'y'), row('s.a.b', 'x', 'y')], ['s.a']).map(({ path }) => path)).toEqual(['s.a'])
})
