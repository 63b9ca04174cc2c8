import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { AmxError } from '@amx/api'
import { Client } from 'pg'
import { streamProgress } from '../cluster/progress.ts'
import { startPostgres } from '../rig/start-postgres.ts'
import { calibrationPlot } from './calibration-plot.ts'
import { builtInProfile, evalSettings, readLLMProfile } from './eval-settings.ts'
import { evaluate } from './evaluate.ts'
import { evalReport } from './report.ts'
import { binsOf, summarise } from './summary.ts'

const usage = `npm run eval -- [options]

Drafts a documented database as if it had no comments, and measures the drafts against the comments. Nothing is written to it.

  --database URL        postgresql://user:password@host:port/database?sslmode=…
                        (default: a small documented schema of this repository, in a server started for the purpose)
  --include PATH        a schema or table to evaluate; may be repeated (default: everything visible)
  --limit N             at most N tables
  --llm-profile FILE    manifest of an LLMProfile (default: the built-in drafter); its key is read from AMX_MODEL_KEY
  --output DIR          where report.md, report.json and calibration.svg go (default: eval-results)
`

try {
  await main()
} catch (error) {
  if (error instanceof AmxError) process.stderr.write(`${error.code}: ${error.message}\n  ${error.remedy}\n`)
  else if (error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'))
    process.stderr.write(`${error.message}\n\n${usage}`)
  else throw error
  process.exitCode = 1
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      database: { type: 'string' },
      include: { type: 'string', multiple: true, default: [] },
      limit: { type: 'string', default: '0' },
      'llm-profile': { type: 'string' },
      output: { type: 'string', default: 'eval-results' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(usage)
    return
  }
  const llmProfile = values['llm-profile'] === undefined ? builtInProfile : readLLMProfile(values['llm-profile'])
  const source = values.database === undefined ? await ownDatabase() : { url: values.database, stop: async () => {} }
  const interrupted = new AbortController()
  process.once('SIGINT', () => interrupted.abort(new Error('interrupted')))
  const progress = streamProgress(process.stderr)
  try {
    const { url } = source
    const settings = evalSettings({
      databaseUrl: url,
      include: values.include,
      tableLimit: Number(values.limit),
      llmProfile,
    })
    const { username, password } = new URL(url)
    const key = process.env.AMX_MODEL_KEY
    const evaluation = await progress.step(
      `drafting with ${llmProfile.spec.provider} ${llmProfile.spec.model ?? ''}`.trimEnd(),
      () =>
        evaluate({
          settings,
          credentials: { username: decodeURIComponent(username), password: decodeURIComponent(password) },
          ...(key === undefined ? {} : { apiKey: key }),
          signal: interrupted.signal,
        }),
    )
    if (evaluation.comparisons.length === 0)
      throw new AmxError('AMX-1001', { field: '--database', problem: 'it holds no comment to compare drafts with' })
    const { provider, model } = llmProfile.spec
    const drafter = provider === 'BuiltIn' ? 'Built-in drafter' : `${provider} ${model}`
    const title = `${drafter}, ${settings.generation.confidenceSignal}`
    const report = evalReport(title, evaluation)
    mkdirSync(values.output, { recursive: true })
    writeFileSync(join(values.output, 'report.md'), report)
    const { comparisons, ...totals } = evaluation
    const json = { measuredAt: new Date().toISOString(), title, ...totals, summary: summarise(evaluation), comparisons }
    writeFileSync(join(values.output, 'report.json'), `${JSON.stringify(json, null, 2)}\n`)
    writeFileSync(join(values.output, 'calibration.svg'), calibrationPlot(title, binsOf(comparisons)))
    process.stdout.write(`${report}\nWritten to ${values.output}: report.md, report.json, calibration.svg\n`)
  } finally {
    await source.stop()
  }
}

/** A server of its own with the documented schema, gone afterwards. */
async function ownDatabase(): Promise<{ url: string; stop: () => Promise<void> }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'amx-eval-'))
  const server = await startPostgres({ dataDir })
  const client = new Client({ connectionString: server.url })
  await client.connect()
  await client.query(readFileSync(new URL('documented-schema.sql', import.meta.url), 'utf8'))
  await client.end()
  return {
    url: server.url,
    async stop() {
      await server.stop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
