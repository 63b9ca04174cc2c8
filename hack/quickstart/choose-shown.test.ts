import { expect, test } from 'vitest'
import { chooseShown } from './choose-shown.ts'

test('takes columns of different tables before a second one of the same table', () => {
  const paths = ['a.t', 'a.t.x', 'a.t.y', 'a.u', 'a.u.z', 'b.v']
  expect(chooseShown(paths, 3)).toEqual(['a.t.x', 'a.u.z', 'b.v'])
  expect(chooseShown(paths, 4)).toEqual(['a.t.x', 'a.u.z', 'b.v', 'a.t.y'])
})

test('gives what there is when there is less', () => {
  expect(chooseShown(['a.t.x'], 5)).toEqual(['a.t.x'])
  expect(chooseShown([], 5)).toEqual([])
})
