import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { startLlmStub } from '../llm-stub/index.ts'
import { testDatabase } from '../rig/index.ts'
import { calibrationPlot } from './calibration-plot.ts'
import { builtInProfile, type EvalTarget, evalSettings, readLLMProfile } from './eval-settings.ts'
import { evaluate } from './evaluate.ts'
import { evalReport } from './report.ts'
import { binsOf, summarise } from './summary.ts'

let databaseUrl: string

beforeAll(async () => {
  databaseUrl = (await testDatabase()).url
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  await client.query(await readFile(new URL('documented-schema.sql', import.meta.url), 'utf8'))
  await client.end()
})

function evaluated(llmProfile: EvalTarget['llmProfile'], include: readonly string[] = []) {
  const { username, password } = new URL(databaseUrl)
  const settings = evalSettings({ databaseUrl, include, tableLimit: 0, llmProfile })
  return evaluate({ settings, credentials: { username, password }, signal: AbortSignal.timeout(50_000) })
}

test('the built-in drafter describes everything, contradicts nothing, and its confidence ranks better than chance', async () => {
  const evaluation = await evaluated(builtInProfile)
  const { All, Table, Column } = summarise(evaluation)
  expect(evaluation).toMatchObject({ tables: 10, calls: 0, costUsd: 0 })
  expect([All.assets, Table.assets, Column.assets]).toEqual([94, 10, 84])
  expect(All.coverage).toBe(1)
  expect(All.claimsContradicted).toBe(0)
  expect(Column.areaUnderCurve).toBeGreaterThan(0.6)
  expect(Column.meanSimilarity).toBeGreaterThan(0.4)
  const report = evalReport('BuiltIn', evaluation)
  expect(report).toContain('| hidden comments | 94 | 10 | 84 |')
  expect(calibrationPlot('A < B', binsOf(evaluation.comparisons))).toMatch(
    /^<svg .*aria-label="A &lt; B">[\s\S]*<circle/,
  )
})

test('a model is asked, and what it costs is counted', async () => {
  const stub = await startLlmStub()
  onTestFinished(() => stub.stop())
  const folder = await mkdtemp(join(tmpdir(), 'amx-eval-'))
  const manifest = join(folder, 'profile.yaml')
  const spec = {
    provider: 'OpenAICompatible',
    model: 'stub',
    baseURL: stub.url,
    price: { inputPerMillion: '1', outputPerMillion: '2' },
  }
  await writeFile(
    manifest,
    JSON.stringify({ apiVersion: 'amx.dev/v1alpha1', kind: 'LLMProfile', metadata: { name: 'stub' }, spec }),
  )
  const evaluation = await evaluated(readLLMProfile(manifest), ['bike.station'])
  expect(evaluation).toMatchObject({ tables: 1, calls: 1, failedCalls: 0 })
  expect(evaluation.costUsd).toBeGreaterThan(0)
  await writeFile(
    manifest,
    JSON.stringify({ kind: 'LLMProfile', metadata: { name: 'stub' }, spec: { provider: 'Oracle' } }),
  )
  expect(() => readLLMProfile(manifest)).toThrow(expect.objectContaining({ code: 'AMX-1001' }))
  await rm(folder, { recursive: true })
})
