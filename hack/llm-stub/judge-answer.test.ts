import { expect, test } from 'vitest'
import { judgeAnswer } from './judge-answer.ts'

const prompt = (texts: string) =>
  `Rules\n\n<evidence>\ntable a\n</evidence>\n\n<texts>\n${texts}\n</texts>\n\nJudge them.`

test('every numbered text gets one verdict, the same wherever it stands', () => {
  const read = (texts: string) =>
    (JSON.parse(judgeAnswer(prompt(texts)) ?? '{}') as { verdicts: { text: number; supported: number }[] }).verdicts
  const one = read('1. a: "Name of it."\n2. b: "Price of it."')
  const other = read('1. b: "Price of it."\n2. a: "Name of it."')
  expect(one.map(({ text }) => text)).toEqual([1, 2])
  expect(one[0]?.supported).toBe(other[1]?.supported)
})

test('another prompt is no question for a judge', () => {
  expect(judgeAnswer('<request>{}</request>')).toBeNull()
})
