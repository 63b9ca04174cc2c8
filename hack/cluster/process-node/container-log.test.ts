import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { followLog, lineBytes, logTail, openContainerLog, readLog } from './container-log.ts'
import { parseLogQuery, selectLines, shownLine } from './log-query.ts'

let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'amx-log-'))
  path = join(folder, 'main', '0.log')
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

function shown(query: string, nowMs = Date.now()): string {
  const parsed = parseLogQuery(new URLSearchParams(query), nowMs)
  const lines = selectLines(readLog(path), parsed)
  return Buffer.concat(lines.map((line) => shownLine(parsed, line))).toString('utf8')
}

test('output comes back byte by byte, however it was cut', () => {
  const log = openContainerLog(path)
  const text = 'one\n\nzwölf ✓\nno line break'
  for (const byte of Buffer.from(text)) log.write('stdout', Buffer.from([byte]))
  log.close()
  expect(shown('')).toBe(text)
})

test('a line longer than a piece stays one line', () => {
  const log = openContainerLog(path)
  const text = `${'x'.repeat(100_000)}\n`
  log.write('stdout', Buffer.from(text))
  log.close()
  expect(shown('')).toBe(text)
})

test('a query chooses lines by number, stream and time', () => {
  const log = openContainerLog(path)
  log.write('stdout', Buffer.from('one\ntwo\n'))
  log.write('stderr', Buffer.from('three\n'))
  log.close()
  expect(shown('tailLines=2')).toBe('two\nthree\n')
  expect(shown('tailLines=0')).toBe('')
  expect(shown('stream=Stderr')).toBe('three\n')
  expect(shown('sinceSeconds=60')).toBe('one\ntwo\nthree\n')
  expect(shown('sinceSeconds=60', Date.now() + 120_000)).toBe('')
  expect(shown('timestamps=true&tailLines=1')).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z three\n$/)
})

test('a query with a number that is none is refused', () => {
  expect(() => parseLogQuery(new URLSearchParams('tailLines=many'), 0)).toThrow(RangeError)
})

test('a follower gets what comes after it, and the end', () => {
  const log = openContainerLog(path)
  log.write('stdout', Buffer.from('before\n'))
  const seen: string[] = []
  followLog(path, { line: (line) => seen.push(lineBytes(line).toString()), end: () => seen.push('END') })
  log.write('stdout', Buffer.from('after\nrest'))
  log.close()
  expect(seen).toEqual(['after\n', 'rest', 'END'])
})

test('a follower of a run that is over ends at once', () => {
  openContainerLog(path).close()
  let ends = 0
  followLog(path, { line: () => {}, end: () => (ends += 1) })
  expect(ends).toBe(1)
})

test('a log that grows beyond its limit keeps its newest lines', () => {
  const log = openContainerLog(path)
  const line = Buffer.from(`${'y'.repeat(1_000_000)}\n`)
  for (let count = 0; count < 40; count += 1) log.write('stdout', line)
  log.write('stdout', Buffer.from('last\n'))
  log.close()
  const text = shown('')
  expect(text.length).toBeLessThan(40_000_000)
  expect(text.endsWith('y\nlast\n')).toBe(true)
})

test('the tail for a termination message has at most 2,048 bytes and 80 lines', () => {
  const log = openContainerLog(path)
  for (let count = 1; count <= 100; count += 1) log.write('stderr', Buffer.from(`line ${count}\n`))
  log.close()
  const tail = logTail(path)
  expect(tail.startsWith('line 21\n')).toBe(true)
  expect(tail.endsWith('line 100\n')).toBe(true)
})
