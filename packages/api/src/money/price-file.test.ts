import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openPriceFile } from './price-file.ts'
import { builtInPrices } from './price-table.ts'

function noFault(error: unknown): never {
  throw error
}

let folder: string
let file: string
let clockMs: number

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'amx-prices-'))
  file = join(folder, 'prices.json')
  clockMs = 0
  vi.spyOn(performance, 'now').mockImplementation(() => clockMs)
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true, force: true })
})

const prices = (version: string) => JSON.stringify({ version, models: [] })

test('without a file the built-in table holds', () => {
  expect(openPriceFile(null, noFault)()).toBe(builtInPrices)
  expect(openPriceFile(file, noFault)()).toBe(builtInPrices)
})

test('a file is taken when it comes, changes and goes, looked at every five seconds', () => {
  const table = openPriceFile(file, noFault)
  const seen = () => {
    clockMs += 5_000
    return table().version.replace(builtInPrices.version, '')
  }
  expect(seen()).toBe('')
  writeFileSync(file, prices('one'))
  expect(table().version).toBe(builtInPrices.version)
  expect(seen()).toBe('+one')
  writeFileSync(file, prices('second'))
  expect(seen()).toBe('+second')
  rmSync(file)
  expect(seen()).toBe('')
})

test('a file that does not fit is told once, and what held before goes on', () => {
  writeFileSync(file, prices('good'))
  const faults: unknown[] = []
  const table = openPriceFile(file, (error) => faults.push(error))
  expect(table().version).toMatch(/\+good$/)
  writeFileSync(file, '{"version": "broken"')
  for (let look = 0; look < 3; look += 1) {
    clockMs += 5_000
    expect(table().version).toMatch(/\+good$/)
  }
  expect(faults).toMatchObject([{ code: 'AMX-1001' }])
})
