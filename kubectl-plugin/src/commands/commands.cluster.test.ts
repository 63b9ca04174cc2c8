import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  apiVersion,
  type Condition,
  type Kind,
  type MetadataRun,
  type MetadataRunStatus,
  type PreviewPage,
  plurals,
  type ReviewDecision,
} from '@amx/api'
import { callApiServer, rigKubeConfigPath, testNamespace } from '@amx/hack'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { type Given, runCommandLine } from '../command-fixture.ts'
import { resultRow } from '../results/result-row-fixture.ts'
import { type ResultsServer, serveResults } from '../results-server-fixture.ts'

// Commands against a real API server. What the operator does to a status is done here by hand; results come from a server of
// this file in the wire format of the real one.

const digest = `sha256:${'a'.repeat(64)}`
let namespace: string
let server: ResultsServer
let serial = 0
let name = ''

const preview: PreviewPage = {
  rows: [
    {
      id: '1',
      target: 'postgresql://pg:5432/analytics',
      databaseProfile: 'prod-pg',
      path: 'sales.customer.email',
      kind: 'Column',
      statement: 'COMMENT ON COLUMN "sales"."customer"."email" IS :comment',
      text: 'Where to write to.',
      expected: null,
      skipped: null,
      run: { uid: 'u', name: 'first' },
      decidedBy: 'ada',
      decidedAt: '2026-11-21T08:00:00Z',
      problem: null,
    },
  ],
  next: null,
  totals: {
    rows: 3,
    columns: 2,
    relations: 1,
    containers: 0,
    tables: 1,
    firstTables: ['sales.customer'],
    databases: [
      { target: 'postgresql://pg:5432/analytics', databaseProfile: 'prod-pg', database: 'analytics', rows: 3 },
    ],
    beingWritten: 0,
  },
}

beforeAll(async () => {
  namespace = await testNamespace({ prefix: 'plugin' })
})

beforeEach(async () => {
  serial += 1
  name = `run-${serial}`
  server = await serveResults({
    draftDigest: digest,
    rows: [
      resultRow('sales.customer', { kind: 'Table' }),
      resultRow('sales.customer.email'),
      resultRow('sales.customer.note', { band: 'Low', score: 0.2 }),
    ],
    answers: { [`/api/v1/namespaces/${namespace}/queue/preview`]: preview },
    events: [
      {
        id: '1',
        time: '',
        type: 'TableProfiled',
        data: { table: 'sales.customer', columns: 2, rowCount: 10, mode: 'Full' },
      },
    ],
  })
})

afterEach(() => server.stop())

function amx(args: readonly string[], given: Given = {}) {
  const all = [...args, '--kubeconfig', rigKubeConfigPath(), '-n', namespace]
  return runCommandLine(all, { ...given, env: { AMX_SERVER: server.url, ...given.env } })
}

async function call<Answer>(method: 'GET' | 'POST' | 'PUT', path: string, body?: object): Promise<Answer> {
  const answer = await callApiServer(rigKubeConfigPath(), method, path, body)
  // The API server is still preparing a resource that nobody used before.
  if (answer.status === 429) return call(method, path, body)
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`)
  return JSON.parse(answer.body) as Answer
}

const collection = (kind: Kind) => `/apis/${apiVersion}/namespaces/${namespace}/${plurals[kind]}`
const readRun = (runName: string) => call<MetadataRun>('GET', `${collection('MetadataRun')}/${runName}`)

function condition(type: string, status: Condition['status'], reason: string, message: string): Condition {
  return { type, status, reason, message, lastTransitionTime: '2026-11-21T08:00:00Z' }
}

async function createRun(
  status?: MetadataRunStatus,
  more: Pick<MetadataRun['spec'], 'apply'> = {},
): Promise<MetadataRun> {
  const run = await call<MetadataRun>('POST', collection('MetadataRun'), {
    apiVersion,
    kind: 'MetadataRun',
    metadata: { name },
    spec: {
      type: 'Analyze',
      targets: [{ databaseProfileRef: { name: 'prod-pg' } }],
      llmProfileRef: { name: 'llm' },
      ...more,
    },
  })
  return status === undefined ? run : setRunStatus(status)
}

async function setRunStatus(status: MetadataRunStatus, runName = name): Promise<MetadataRun> {
  const run = await readRun(runName)
  return call('PUT', `${collection('MetadataRun')}/${runName}/status`, { ...run, status })
}

const drafted: MetadataRunStatus = { phase: 'AwaitingReview', draft: { digest, rows: 3 } }

/** Waits for the first decision about the run and gives it the condition an operator would. */
async function recordNextDecision(recorded: Condition, counts?: ReviewDecision['status']): Promise<ReviewDecision> {
  for (;;) {
    const { items } = await call<{ items: ReviewDecision[] }>(
      'GET',
      `${collection('ReviewDecision')}?fieldSelector=spec.runRef.name%3D${name}`,
    )
    const [decision] = items
    if (decision === undefined) continue
    const status = { ...counts, conditions: [recorded] }
    return call('PUT', `${collection('ReviewDecision')}/${decision.metadata.name}/status`, {
      ...decision,
      apiVersion,
      kind: 'ReviewDecision',
      status,
    })
  }
}

const recordedTrue = condition('Recorded', 'True', 'Recorded', 'All items are recorded.')
const counts = { counts: { accepted: 2, skipped: 1, rejected: 0, restored: 0, superseded: 0 } }

describe('run', () => {
  const args = () => ['run', 'sales', '--database', 'prod-pg', '--llm', 'llm', '--name', name]

  test('creates a run that says where it comes from', async () => {
    const { code, stdout, stderr } = await amx(args())
    expect([code, stdout, stderr]).toEqual([0, `metadatarun.amx.dev/${name} created\n`, ''])
    const run = await readRun(name)
    expect(run.metadata.labels).toEqual({ 'amx.dev/origin': 'plugin' })
    expect(run.spec.targets?.[0]?.scope?.include).toEqual(['sales'])
  })

  test('of a name that is taken is a conflict', async () => {
    await amx(args())
    const { code, stderr } = await amx(args())
    expect(code).toBe(7)
    expect(stderr).toContain('already exists (AMX-1009)')
  })

  test('with --dry-run=server is checked and not created', async () => {
    expect(await amx([...args(), '--dry-run', 'server', '-o', 'name'])).toMatchObject({
      code: 0,
      stdout: `metadatarun.amx.dev/${name}\n`,
    })
    await expect(readRun(name)).rejects.toThrowError('404')
  })

  test('that the API server refuses is told in its words', async () => {
    const { code, stderr } = await amx([...args(), '--set', 'generation.bands.high=0.1'])
    expect(code).toBe(2)
    expect(stderr).toContain('bands.medium must not be above bands.high')
  })

  test('as a user without rights is forbidden', async () => {
    const { code, stderr } = await amx([...args(), '--as', 'nobody-in-particular'])
    expect(code).toBe(4)
    expect(stderr).toContain('User "nobody-in-particular" cannot create resource "metadataruns"')
  })

  test('--watch follows it to where a person is needed', async () => {
    const following = amx([...args(), '--watch'])
    while (
      !(await readRun(name).then(
        () => true,
        () => false,
      ))
    );
    await setRunStatus({ phase: 'Running', progress: '1/2' })
    await setRunStatus({ ...drafted, progress: '2/2' })
    const { code, stdout } = await following
    expect(code).toBe(0)
    expect(stdout).toContain('\nAwaitingReview\n')
    expect(stdout).toContain('Profile  sales.customer (2 columns · 10 rows) ok\n')
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(`Review:  kubectl amx review ${name}`)
  })
})

describe('watch', () => {
  test('of a run that failed exits with 6, its error and its remedy', async () => {
    await createRun({
      phase: 'Failed',
      lastError: { code: 'AMX-2002', message: 'pg refused the sign-in', remedy: 'Check the password.' },
    })
    const { code, stderr } = await amx(['watch', name])
    expect(code).toBe(6)
    expect(stderr).toContain(
      `run "${name}" ended Failed with AMX-2002: pg refused the sign-in. Check the password. (AMX-1020)`,
    )
  })

  test('that waits too long exits with 5 and says how things stand', async () => {
    await createRun({
      phase: 'Pending',
      conditions: [condition('Succeeded', 'Unknown', 'ProfileNotFound', 'DatabaseProfile "prod-pg" does not exist.')],
    })
    const { code, stderr } = await amx(['watch', name, '--timeout', '300ms'])
    expect(code).toBe(5)
    expect(stderr).toContain('DatabaseProfile "prod-pg" does not exist.')
  })

  test('of a run that does not exist exits with 3', async () => {
    expect(await amx(['watch', 'absent'])).toMatchObject({ code: 3 })
  })

  test('goes on without a server and says once why there are no details', async () => {
    await createRun({ phase: 'Running' })
    await server.stop()
    const following = amx(['watch', name])
    await setRunStatus({ phase: 'Succeeded' })
    const { code, stdout } = await following
    expect(code).toBe(0)
    expect(stdout).toContain('Succeeded\n')
  })

  test('that is interrupted exits with 130', async () => {
    await createRun({ phase: 'Running' })
    const interrupted = new AbortController()
    const following = amx(['watch', name], { signal: interrupted.signal })
    while (!server.asked.some((path) => path.includes('/events'))) await new Promise((resolve) => setImmediate(resolve))
    interrupted.abort()
    expect(await following).toMatchObject({ code: 130 })
  })
})

describe('get', () => {
  test('shows the columns of kubectl', async () => {
    await createRun({ ...drafted, progress: '2/2', confidence: { high: 2, medium: 0, low: 1 } })
    const { code, stdout } = await amx(['get', name])
    expect(code).toBe(0)
    const [heads, row] = stdout.split('\n').map((line) => line.split(/\s+/))
    expect(heads).toEqual(['NAME', 'TYPE', 'PHASE', 'PROGRESS', 'HIGH', 'MED', 'LOW', 'COST', 'AGE'])
    expect(row?.slice(0, 7)).toEqual([name, 'Analyze', 'AwaitingReview', '2/2', '2', '0', '1'])
  })

  test('gives the object to programs, and names', async () => {
    await createRun(drafted)
    expect(parse((await amx(['get', name, '-o', 'yaml'])).stdout).status.draft.digest).toBe(digest)
    const parsed = JSON.parse((await amx(['get', name, '-o', 'json'])).stdout)
    expect(parsed.metadata.managedFields).toBeUndefined()
    expect((await amx(['get', '-o', 'name'])).stdout).toContain(`metadatarun.amx.dev/${name}\n`)
  })

  test('gives a script what its template takes, and a spreadsheet a file', async () => {
    await createRun(drafted)
    const template = `jsonpath={range .items[?(@.metadata.name=="${name}")]}{.metadata.name} {.status.phase}{"\\n"}{end}`
    expect((await amx(['get', '-o', template])).stdout).toBe(`${name} AwaitingReview\n`)
    expect((await amx(['get', name, '-o', 'jsonpath={.status.draft.rows}'])).stdout).toBe('3')
    const [heads, row] = (await amx(['get', name, '-o', 'csv'])).stdout.split('\r\n')
    expect(heads).toMatch(/^namespace,name,type,phase,/)
    expect(row).toMatch(new RegExp(`^${namespace},${name},Analyze,AwaitingReview,`))
    expect((await amx(['get', name, '--results', '-o', 'csv'])).stdout.split('\r\n')).toHaveLength(5)
  })

  test('--results shows a row per asset, over all pages', async () => {
    await createRun(drafted)
    const { code, stdout } = await amx(['get', name, '--results'])
    expect(code).toBe(0)
    expect(stdout.split('\n').slice(0, 4)).toEqual([
      'ASSET                  BAND   SCORE   STATE        TEXT',
      'sales.customer         High   0.90    Unreviewed   What sales.customer is.',
      'sales.customer.email   High   0.90    Unreviewed   What sales.customer.email is.',
      'sales.customer.note    Low    0.20    Unreviewed   What sales.customer.note is.',
    ])
  })

  test('--results takes filters and a limit, and says that there is more', async () => {
    await createRun(drafted)
    const { stdout } = await amx(['get', name, '--results', '--band', 'Low', '-o', 'json'])
    expect(JSON.parse(stdout)).toMatchObject({ draftDigest: digest, total: 1, rows: [{ path: 'sales.customer.note' }] })
    const limited = ['get', name, '--results', '--limit', '1']
    const first = await amx(limited)
    expect(first.stderr).toContain('1 of 3 rows')
    expect(await amx([...limited, '-q'])).toEqual({ ...first, stderr: '' })
  })

  test('--results of a run that has not begun says what it waits for', async () => {
    const message = 'LLMProfile "llm" does not exist. (AMX-1003)'
    await createRun({ phase: 'Pending', conditions: [condition('Ready', 'False', 'ProfileNotFound', message)] })
    const unaware = await serveResults({ rows: [], draftDigest: digest, runs: [] })
    const { code, stderr } = await amx(['get', name, '--results'], { env: { AMX_SERVER: unaware.url } })
    await unaware.stop()
    expect(code).toBe(3)
    expect(stderr).toContain(`run "${name}" has no results yet: ${message} (AMX-1090)`)
  })

  test('--results in the name of another is asked of the cluster as that other', async () => {
    await createRun(drafted)
    const { code, stderr } = await amx(['get', name, '--results', '--as', 'nobody-who-may'])
    expect(code).toBe(4)
    expect(stderr).toContain('nobody-who-may')
    expect(server.asked).toEqual([])
  })

  test('a server nobody named and no Service points to is explained', async () => {
    await createRun(drafted)
    const { code, stderr } = await amx(['get', name, '--results'], { env: { AMX_SERVER: '' } })
    expect(code).toBe(1)
    expect(stderr).toContain('name the server with --server')
  })
})

describe('accept', () => {
  test('records one decision in the name of the caller about the drafts the run has', async () => {
    const run = await createRun(drafted)
    const [finished, decision] = await Promise.all([
      amx(['accept', name, '--high', '--comment', 'looked at them']),
      recordNextDecision(recordedTrue, counts),
    ])
    expect(finished).toMatchObject({
      code: 0,
      stdout: `reviewdecision.amx.dev/${decision.metadata.name} recorded: 2 accepted, 1 skipped\n`,
      stderr: `Write them with:  kubectl amx apply ${name}\n`,
    })
    expect(decision.spec).toMatchObject({
      runRef: { name, uid: run.metadata.uid },
      draftDigest: digest,
      filter: { verdict: 'Accept', minimumConfidence: 'High' },
      comment: 'looked at them',
    })
    expect(decision.metadata.labels).toEqual({ 'amx.dev/origin': 'plugin' })
  })

  test('into a run that writes what is accepted says so', async () => {
    await createRun(drafted, { apply: { policy: 'OnAccept' } })
    const [finished] = await Promise.all([amx(['accept', name, '--high']), recordNextDecision(recordedTrue, counts)])
    expect(finished).toMatchObject({ code: 0, stderr: `They are being written:  kubectl amx audit ${name}\n` })
  })

  test('of drafts that changed exits with 7 and the operator’s words', async () => {
    await createRun(drafted)
    const stale = condition('Recorded', 'False', 'Stale', 'the drafts changed since they were read (AMX-1007)')
    const [finished] = await Promise.all([amx(['accept', name, 'sales.customer']), recordNextDecision(stale)])
    expect(finished.code).toBe(7)
    expect(finished.stderr).toContain('the drafts changed since they were read (AMX-1007)')
  })

  test('before the drafts are complete says so and creates nothing', async () => {
    await createRun({ phase: 'Running' })
    const { code, stderr } = await amx(['accept', name, '--all'])
    expect(code).toBe(7)
    expect(stderr).toContain('its drafts are not complete (it is Running)')
  })

  test('that nobody records in time exits with 5', async () => {
    await createRun(drafted)
    const { code, stderr } = await amx(['accept', name, '--all', '--timeout', '300ms'])
    expect(code).toBe(5)
    expect(stderr).toContain('is created and not recorded yet')
  })

  test('--dry-run prints the decision and creates nothing', async () => {
    await createRun(drafted)
    const { stdout } = await amx([
      'accept',
      name,
      'sales.customer.email',
      '--text',
      'E-mail address.',
      '--apply',
      '--dry-run',
      '-o',
      'yaml',
    ])
    expect(parse(stdout).spec).toMatchObject({
      items: [{ asset: 'sales.customer.email', verdict: 'Accept', text: 'E-mail address.' }],
      apply: true,
    })
  })
})

describe('review', () => {
  test('asks row by row and records one decision for the sitting', async () => {
    await createRun(drafted)
    const [finished, decision] = await Promise.all([
      amx(['review', name], {
        typed: ['?', '1', 'u', '2', 'o', 'Where the customer is written to.', 'r', 'u', 's', 'b', '', 'y'],
      }),
      recordNextDecision(recordedTrue, counts),
    ])
    expect(finished.code).toBe(0)
    expect(finished.stdout).toContain('[1/3] sales.customer  Table, High 0.90 (Evidence)')
    expect(finished.stdout).toContain('q    finish')
    expect(finished.stdout).toContain('Record 2 accepted (1 edited), 1 skipped, 0 rejected? [Y/n, u undo, b back]')
    expect(decision.spec.draftDigest).toBe(digest)
    expect(decision.spec.items).toEqual([
      { asset: 'sales.customer', verdict: 'Accept', alternative: 2 },
      { asset: 'sales.customer.email', verdict: 'Accept', text: 'Where the customer is written to.' },
      { asset: 'sales.customer.note', verdict: 'Skip' },
    ])
  })

  test.each([
    ['is asked to forget it', ['a', 'n'], false],
    ['ends in the middle', ['1'], true],
    ['decides nothing', ['n', 'n', 'n'], false],
  ])('that %s records nothing', async (_, typed, keeps) => {
    await createRun(drafted)
    const state = await mkdtemp(join(tmpdir(), 'amx-kept-'))
    const { code, stderr } = await amx(['review', name], { typed, env: { XDG_STATE_HOME: state } })
    expect(code).toBe(0)
    expect(stderr).toMatch(/^nothing was recorded\n/)
    expect(stderr.includes(`1 verdict is kept in ${state}`)).toBe(keeps)
    await rm(state, { recursive: true })
    const { items } = await call<{ items: unknown[] }>(
      'GET',
      `${collection('ReviewDecision')}?fieldSelector=spec.runRef.name%3D${name}`,
    )
    expect(items).toEqual([])
  })

  test('--only-low shows those rows only', async () => {
    await createRun(drafted)
    const { stdout } = await amx(['review', name, '--only-low'], { typed: ['q'] })
    expect(stdout).toContain('[1/1] sales.customer.note')
  })
})

describe('apply', () => {
  const applied = async () =>
    (
      await call<{ items: MetadataRun[] }>(
        'GET',
        `${collection('MetadataRun')}?fieldSelector=spec.source.runRef.name%3D${name}`,
      )
    ).items

  test('creates a run that writes what was accepted of another', async () => {
    await createRun(drafted)
    expect(await amx(['apply', name, '--yes'])).toMatchObject({
      code: 0,
      stdout: `metadatarun.amx.dev/${name}-apply-20261121-080755-000 created\n`,
    })
    const [run] = await applied()
    expect(run?.spec).toEqual({ type: 'Apply', source: { runRef: { name } } })
    expect(run?.metadata.labels).toEqual({ 'amx.dev/origin': 'plugin' })
  })

  test('asks with the number of comments and where they go, and takes no for an answer', async () => {
    await createRun(drafted)
    const refused = await amx(['apply', name], { typed: [''] })
    expect(refused.stdout).toContain('total:      2 column descriptions + 1 table description')
    expect(refused.stdout).toContain('Write 3 comments to prod-pg/analytics? [y/N]')
    expect(refused.stderr).toBe('nothing was written\n')
    expect(await applied()).toEqual([])
    await amx(['apply', name], { typed: ['y'] })
    expect(await applied()).toHaveLength(1)
  })

  test('--dry-run shows the statements at once and creates nothing', async () => {
    await createRun(drafted)
    const { stdout } = await amx(['apply', name, '--dry-run'])
    expect(stdout).toContain('[1/3] COMMENT ON COLUMN "sales"."customer"."email" IS :comment\n')
    expect(stdout).toContain(':comment = Where to write to.')
    expect(await applied()).toEqual([])
  })

  test('of the queue takes every database that has rows in the scope', async () => {
    const { stdout } = await amx(['apply', 'sales', '--yes', '-o', 'name'])
    const run = await readRun(stdout.trim().split('/')[1] ?? '')
    expect(run.spec).toEqual({
      type: 'Apply',
      targets: [{ databaseProfileRef: { name: 'prod-pg' }, database: 'analytics', scope: { include: ['sales'] } }],
    })
    expect(run.metadata.annotations?.['amx.dev/requested-by']).toMatch(/./)
  })
})

describe('cancel', () => {
  test('stops several runs for good', async () => {
    await createRun({ phase: 'Running' })
    expect(await amx(['cancel', name])).toMatchObject({
      code: 0,
      stdout: `metadatarun.amx.dev/${name} is being cancelled\n`,
    })
    expect((await readRun(name)).spec.desiredState).toBe('Cancel')
  })

  test('is not needed to stop a run for a while', async () => {
    await createRun({ phase: 'Running' })
    await amx(['suspend', name])
    expect((await readRun(name)).spec.desiredState).toBe('Suspend')
    expect((await amx(['resume', name])).stdout).toBe(`metadatarun.amx.dev/${name} goes on\n`)
    expect((await readRun(name)).spec.desiredState).toBe('Run')
  })

  test('is final: a run that was cancelled does not go on', async () => {
    await createRun({ phase: 'Running' })
    await amx(['cancel', name])
    const { code, stderr } = await amx(['resume', name])
    expect(code).toBe(2)
    expect(stderr).toContain('a run that was cancelled cannot go on: start a new one')
  })

  test('leaves a run that ended as it is and says so', async () => {
    await createRun({ phase: 'Succeeded' })
    expect((await amx(['cancel', name])).stdout).toBe(`metadatarun.amx.dev/${name} had ended already (Succeeded)\n`)
    expect((await readRun(name)).spec.desiredState).toBeUndefined()
  })
})

test('version asks the server too', async () => {
  const lines = (await amx(['version'])).stdout.split('\n')
  expect(lines.slice(0, 2)).toEqual(['kubectl-amx 0.1.0', `server 0.1.0 (API v1, ${server.url}/)`])
  expect(lines[2]).toMatch(/^Kubernetes v\d+\.\d+\.\d+$/)
})

describe('completion', () => {
  test('knows runs and namespaces of the cluster', async () => {
    await createRun()
    const complete = async (...words: string[]) => {
      const place = ['--kubeconfig', rigKubeConfigPath(), '-n', namespace]
      return (await runCommandLine(['__complete', words[0] ?? '', ...place, ...words.slice(1)])).stdout
    }
    expect(await complete('cancel', name)).toBe(`${name}\n:4\n`)
    expect(await complete('get', '--namespace', namespace)).toBe(`${namespace}\n:4\n`)
  })
})

describe('runs that go on from another', () => {
  const spec = async (runName: string) =>
    (await call<MetadataRun>('GET', `${collection('MetadataRun')}/${runName}`)).spec

  test('a rerun, variations and a generated description are created as they are asked for', async () => {
    const rerun = await amx([
      'rerun',
      'nightly',
      '--filter',
      'maximumConfidence=Low',
      '--name',
      `${name}-r`,
      '-o',
      'name',
    ])
    expect(rerun).toMatchObject({ code: 0, stdout: `metadatarun.amx.dev/${name}-r\n` })
    expect(await spec(`${name}-r`)).toEqual({
      type: 'Rerun',
      source: { runRef: { name: 'nightly' }, filter: { maximumConfidence: 'Low' } },
    })
    expect(await amx(['variations', 'nightly', 'sales.sale', '2', '--name', `${name}-v`])).toMatchObject({ code: 0 })
    expect((await spec(`${name}-v`)).source?.alternative).toEqual({ asset: 'sales.sale', index: 2 })
    const generate = ['generate', 'sales.sale.id', '-d', 'pg', '-l', 'llm', '--name', `${name}-g`]
    expect(await amx(generate)).toMatchObject({ code: 0 })
    expect(await spec(`${name}-g`)).toMatchObject({
      type: 'Generate',
      targets: [{ databaseProfileRef: { name: 'pg' }, scope: { include: ['sales.sale.id'] } }],
    })
  })
})
