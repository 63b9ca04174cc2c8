import { expect, test } from 'vitest'
import { parseVerdicts } from './parse-verdicts.ts'

const one = { supported: 2, contradicted: 0, vague: 1 }

test.each([
  ['JSON', `{"verdicts":[{"text":1,"supported":2,"contradicted":0,"vague":1}]}`],
  ['a list', `[{"text":1,"supported":2,"contradicted":0,"vague":1}]`],
  ['a fence', '```json\n{"verdicts":[{"text":"1","supported":2,"contradicted":0,"vague":1}]}\n```'],
])('reads %s', (_, content) => {
  expect(parseVerdicts(content)).toEqual(new Map([[1, one]]))
})

test.each([
  ['prose', 'All of them are fine.'],
  ['nothing', ''],
  ['another object', '{"scores":[1]}'],
  ['a verdict without counts', '{"verdicts":[{"text":1,"supported":"many","contradicted":0,"vague":0}]}'],
  ['a negative count', '{"verdicts":[{"text":1,"supported":-1,"contradicted":0,"vague":0}]}'],
])('%s is no verdict', (_, content) => {
  expect(parseVerdicts(content).size).toBe(0)
})
