import { expect, test } from 'vitest'
import { chooseShown } from './choose-shown.ts'

const row = (path: string, length: number) => ({ path, newText: 'x'.repeat(length) })

test('takes the most telling of every table before a second one of any', () => {
  const written = [row('a.t', 9), row('a.t.x', 60), row('a.t.y', 140), row('a.u.z', 20), row('b.v', 70)]
  expect(chooseShown(written, 3)).toEqual(['a.t.x', 'b.v', 'a.u.z'])
  expect(chooseShown(written, 4)).toEqual(['a.t.x', 'b.v', 'a.u.z', 'a.t'])
})

test('gives what there is when there is less, in the same order every time', () => {
  expect(chooseShown([row('a.u.b', 1), row('a.t.x', 1)], 5)).toEqual(['a.t.x', 'a.u.b'])
  expect(chooseShown([], 5)).toEqual([])
})
