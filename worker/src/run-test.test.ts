import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ProfileTestReport, type ProfileTestSettings, profileTestReportSchema } from '@amx/api'
import { startLlmStub } from '@amx/hack/llm-stub'
import { Value } from 'typebox/value'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runWorker } from './run-worker.ts'

let folder: string
let server: Server
let settings: ProfileTestSettings
let report: ProfileTestReport | null

const reading: ProfileTestSettings = {
  part: 'Reader',
  connection: { host: '127.0.0.1', port: 9, database: 'shop', tlsMode: 'disable' },
  pinned: true,
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'amx-test-'))
  mkdirSync(join(folder, 'credentials/0'), { recursive: true })
  writeFileSync(join(folder, 'token'), 'token')
  settings = reading
  report = null
  // The server's half of the protocol, as strict as its schemas.
  server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      if (request.url === '/worker/v1/test/report')
        report = Value.Parse(profileTestReportSchema, JSON.parse(Buffer.concat(parts).toString()))
      const profile = { kind: 'DatabaseProfile', namespace: 'team', name: 'shop' }
      response.end(JSON.stringify(report === null ? { profile, settings } : { recorded: true }))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})

afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  rmSync(folder, { recursive: true })
})

const secrets = [
  {
    secretName: 'reader',
    items: [
      { key: 'username', file: 'username' },
      { key: 'password', file: 'password' },
    ],
  },
]

async function run(env: Record<string, string> = { AMX_SECRETS: JSON.stringify(secrets) }) {
  const terminationMessage = join(folder, 'termination')
  const code = await runWorker(
    ['test'],
    {
      AMX_SERVER_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      AMX_TOKEN_FILE: join(folder, 'token'),
      AMX_CREDENTIALS_DIR: join(folder, 'credentials'),
      TERMINATION_MESSAGE_PATH: terminationMessage,
      AMX_LOG_LEVEL: 'silent',
      ...env,
    },
    new AbortController().signal,
  )
  return { code, summary: JSON.parse(readFileSync(terminationMessage, 'utf8')) as object }
}

const write = (file: string, text: string) => writeFileSync(join(folder, 'credentials/0', file), text)

describe('the test of a profile', () => {
  it.each([
    ['that is not there', [], 'Secret "reader" does not exist, or lacks the keys "username" and "password"'],
    ['that lacks a key', ['username'], 'Secret "reader" lacks the key "password"'],
  ])('names a Secret %s, and has done its work', async (_, files, words) => {
    for (const file of files) write(file, 'x')
    const { code, summary } = await run()
    expect(code).toBe(0)
    expect(report).toMatchObject({ finding: null, error: { code: 'AMX-1096', message: words } })
    expect(summary).toMatchObject({ stage: 'test', outcome: 'Done', error: { code: 'AMX-1096' } })
  })

  it('reports what is wrong in the words of the driver, and never the password', async () => {
    write('username', 'amx')
    write('password', 'very-secret')
    expect((await run()).code).toBe(0)
    expect(report).toMatchObject({ finding: null, error: { code: 'AMX-2001' }, calls: [] })
    expect(JSON.stringify(report)).not.toContain('very-secret')
  })

  it('reports what a model offers, with what its call used', async () => {
    const stub = await startLlmStub({ apiKey: 'sk-right', plainAnswer: '{"ok":true}' })
    settings = {
      part: 'Model',
      model: {
        ...{ profileName: 'model', provider: 'OpenAICompatible', model: 'm', baseURL: stub.url, hasKey: true },
        limits: { concurrency: 1, timeoutMs: 5_000, retries: 0 },
        price: { inputPerMillion: '1000', cachedInputPerMillion: null, outputPerMillion: '1000' },
      },
    }
    const keyFile = join(folder, 'apiKey')
    writeFileSync(keyFile, 'sk-right')
    const mounted = JSON.stringify([{ secretName: 'key', items: [{ key: 'apiKey', file: 'apiKey' }] }])
    try {
      const { code } = await run({ AMX_MODEL_KEY_FILE: keyFile, AMX_SECRETS: mounted })
      expect(code).toBe(0)
      expect(report).toMatchObject({
        finding: { part: 'Model', capabilities: { structuredOutput: true } },
        error: null,
      })
      const [call, ...others] = report?.calls ?? []
      expect(others).toEqual([])
      expect(call).toMatchObject({ purpose: 'test', outcome: { outcome: 'Succeeded', reply: null } })
      expect(Number(call?.outcome.costUsd)).toBeGreaterThan(0)
    } finally {
      await stub.stop()
    }
  })
})
