import { describe, expect, test } from 'vitest'
import { sentence } from './decision.ts'

describe('an error as a sentence', () => {
  test.each([
    ['the scope selects no asset', 'The scope selects no asset. Check it. (AMX-1005)'],
    [
      'sales.custmer does not exist; did you mean sales.customer?',
      'sales.custmer does not exist; did you mean sales.customer? Check it. (AMX-1005)',
    ],
    ['the provider refused: no credit.', 'The provider refused: no credit. Check it. (AMX-1005)'],
  ])('%s', (message, wanted) => {
    expect(sentence({ code: 'AMX-1005', message, remedy: 'Check it.' })).toBe(wanted)
  })

  test('leaves the name of an asset as it is written', () => {
    const message = 'nope does not exist among the results of this run'
    expect(sentence({ code: 'AMX-1006', message, remedy: 'Correct it.' })).toBe(`${message}. Correct it. (AMX-1006)`)
  })
})
