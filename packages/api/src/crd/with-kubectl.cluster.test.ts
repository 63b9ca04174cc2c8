import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { rigKubeConfigPath, rigKubectlPath, testNamespace } from '@amx/hack'
import { beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { apiVersion } from '../resources/group.ts'

let namespace: string

beforeAll(async () => {
  namespace = await testNamespace({ prefix: 'policy' })
  await kubectl(['create', 'role', 'reviewer', '--verb=create,get,list', '--resource=reviewdecisions.amx.dev'])
  await kubectl(['create', 'role', 'applier', '--verb=apply', '--resource=reviewdecisions.amx.dev'])
  await kubectl(['create', 'rolebinding', 'reviewers', '--role=reviewer', '--user=ada', '--user=grace'])
  await kubectl(['create', 'rolebinding', 'appliers', '--role=applier', '--user=grace'])
})

interface Finished {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

function kubectl(args: readonly string[], input = ''): Promise<Finished> {
  return new Promise((resolve) => {
    const all = ['--kubeconfig', rigKubeConfigPath(), '--namespace', namespace, ...args]
    const child = execFile(rigKubectlPath(), all, { timeout: 30_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr })
    })
    child.stdin?.end(input)
  })
}

function decisionOf(username: string, rest: object = {}): string {
  return stringify({
    apiVersion,
    kind: 'ReviewDecision',
    metadata: { name: `decision-${randomBytes(4).toString('hex')}` },
    spec: {
      runRef: { name: 'first' },
      draftDigest: `sha256:${'0'.repeat(64)}`,
      reviewer: { username },
      filter: { verdict: 'Accept', minimumConfidence: 'High' },
      ...rest,
    },
  })
}

function decide(user: string, manifest: string): Promise<Finished> {
  return kubectl(['create', '--as', user, '-f', '-'], manifest)
}

describe('a decision', () => {
  test('in one’s own name is taken', async () => {
    expect(await decide('ada', decisionOf('ada'))).toMatchObject({ code: 0 })
  })

  test('in the name of somebody else is refused, and the message says whose name is needed', async () => {
    const { code, stderr } = await decide('ada', decisionOf('grace'))
    expect(code).toBe(1)
    expect(stderr).toContain('spec.reviewer.username must be the user who creates the decision: ada')
  })

  test('that applies needs the verb apply', async () => {
    const { code, stderr } = await decide('ada', decisionOf('ada', { apply: true }))
    expect(code).toBe(1)
    expect(stderr).toContain('spec.apply needs the verb "apply" on reviewdecisions.amx.dev')
    expect(await decide('grace', decisionOf('grace', { apply: true }))).toMatchObject({ code: 0 })
  })

  test('that says in words that it does not apply needs no such verb', async () => {
    expect(await decide('ada', decisionOf('ada', { apply: false }))).toMatchObject({ code: 0 })
  })
})

describe('a run', () => {
  beforeAll(async () => {
    await kubectl(['create', 'role', 'runner', '--verb=create,get,update', '--resource=metadataruns.amx.dev'])
    await kubectl(['create', 'role', 'scheduler', '--verb=create', '--resource=metadataschedules.amx.dev'])
    await kubectl(['create', 'rolebinding', 'runners', '--role=runner', '--user=ada', '--user=grace'])
    await kubectl(['create', 'rolebinding', 'schedulers', '--role=scheduler', '--user=ada', '--user=grace'])
  })

  const source = { runRef: { name: 'first' } }
  const analyze = {
    type: 'Analyze',
    targets: [{ databaseProfileRef: { name: 'pg' } }],
    llmProfileRef: { name: 'llm' },
  }
  const writing: readonly [string, object][] = [
    ['of type Apply', { type: 'Apply', source }],
    ['of type Rollback', { type: 'Rollback', source }],
    ['that applies what is accepted', { ...analyze, apply: { policy: 'OnAccept' } }],
  ]

  const manifestOf = (spec: object, annotations: object = {}) =>
    stringify({
      apiVersion,
      kind: 'MetadataRun',
      metadata: { name: `run-${randomBytes(4).toString('hex')}`, annotations },
      spec,
    })
  const create = (user: string, manifest: string) => kubectl(['create', '--as', user, '-f', '-'], manifest)

  test.each(writing)('%s needs the verb apply, also through a schedule', async (_, spec) => {
    const refused = await create('ada', manifestOf(spec))
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('needs the verb "apply" on reviewdecisions.amx.dev')
    expect(await create('grace', manifestOf(spec))).toMatchObject({ code: 0 })

    const schedule = stringify({
      apiVersion,
      kind: 'MetadataSchedule',
      metadata: { name: `schedule-${randomBytes(4).toString('hex')}` },
      spec: { cron: '0 6 * * *', runTemplate: { spec } },
    })
    expect((await create('ada', schedule)).stderr).toContain('a schedule of runs that write to a database')
    expect(await create('grace', schedule)).toMatchObject({ code: 0 })
  })

  test.each(writing)('%s as a dry run needs no such verb', async (_, spec) => {
    const dry = { ...spec, apply: { ...('apply' in spec ? (spec.apply as object) : {}), dryRun: true } }
    expect(await create('ada', manifestOf(dry))).toMatchObject({ code: 0 })
    expect(await create('ada', manifestOf(analyze))).toMatchObject({ code: 0 })
  })

  test('names nobody but its creator as who asked for it, and keeps that', async () => {
    const annotation = 'amx.dev/requested-by'
    const { code, stderr } = await create('ada', manifestOf(analyze, { [annotation]: 'grace' }))
    expect(code).toBe(1)
    expect(stderr).toContain(`the annotation ${annotation} must name the user who creates the run`)
    const made = await create('ada', manifestOf(analyze, { [annotation]: 'ada' }))
    expect(made).toMatchObject({ code: 0 })
    const name = made.stdout.split(' ')[0]?.split('/')[1] ?? ''
    const later = await kubectl(['annotate', '--overwrite', 'metadatarun', name, `${annotation}=grace`])
    expect(later.stderr).toContain('stays as it is')
    expect(await kubectl(['annotate', 'metadatarun', name, 'team=sales'])).toMatchObject({ code: 0 })
  })
})

describe('a schedule', () => {
  const scheduleAt = (at: string, timeZone: string) =>
    stringify({
      apiVersion,
      kind: 'MetadataSchedule',
      metadata: { name: `at-${randomBytes(4).toString('hex')}` },
      spec: {
        at,
        timeZone,
        runTemplate: { spec: { type: 'Refresh', targets: [{ databaseProfileRef: { name: 'pg' } }] } },
      },
    })

  test.each([
    ['last year', { days: -365 }, 'UTC', false],
    ['an hour ago', { hours: -1 }, 'UTC', false],
    ['in an hour', { hours: 1 }, 'UTC', true],
    ['in two hours of UTC, which has gone by in Istanbul', { hours: 2 }, 'Europe/Istanbul', false],
    ['two hours ago in UTC, which is to come in New York', { hours: -2 }, 'America/New_York', true],
  ])('at a time %s', async (_, { hours = 0, days = 0 }: { hours?: number; days?: number }, zone, taken) => {
    const at = new Date(Date.now() + hours * 3_600_000 + days * 86_400_000).toISOString().slice(0, 16)
    const { code, stderr } = await kubectl(['create', '-f', '-'], scheduleAt(at, zone))
    expect(stderr).toContain(taken ? '' : 'spec.at is in the past')
    expect(code).toBe(taken ? 0 : 1)
  })

  test('of a time zone that does not exist is refused', async () => {
    const { code, stderr } = await kubectl(['create', '-f', '-'], scheduleAt('2999-01-01T00:00', 'Europe/Nowhere'))
    expect(code).toBe(1)
    expect(stderr).toContain('unknown time zone Europe/Nowhere')
  })
})

describe('a manifest in Git', () => {
  const manifest = stringify({
    apiVersion,
    kind: 'MetadataRun',
    metadata: { name: 'from-git' },
    spec: {
      type: 'Analyze',
      targets: [
        {
          databaseProfileRef: { name: 'pg' },
          scope: { include: ['sales', 'catalog.product'], kinds: ['View', 'Table'] },
        },
      ],
      llmProfileRef: { name: 'llm' },
      generation: { bands: { high: '0.80' }, temperature: '0' },
      review: { strategy: 'Auto' },
    },
  })

  test('is applied on the server side twice without a change, and shows no drift', async () => {
    const apply = () => kubectl(['apply', '--server-side', '--field-manager=gitops', '-o', 'json', '-f', '-'], manifest)
    const first = JSON.parse((await apply()).stdout)
    const second = JSON.parse((await apply()).stdout)
    expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion)
    expect(second.metadata.generation).toBe(1)
    expect(await kubectl(['diff', '--server-side', '--field-manager=gitops', '-f', '-'], manifest)).toMatchObject({
      code: 0,
      stdout: '',
    })
  })

  test('is found by its fields, its short name and its category', async () => {
    await kubectl(['apply', '-f', '-'], manifest.replace('from-git', 'found'))
    const byField = await kubectl([
      'get',
      'mrun',
      '--field-selector=spec.type=Analyze,spec.llmProfileRef.name=llm',
      '-o',
      'name',
    ])
    expect(byField.stdout).toContain('metadatarun.amx.dev/found')
    expect((await kubectl(['get', 'mrun', '--field-selector=spec.type=Refresh', '-o', 'name'])).stdout).toBe('')
    expect((await kubectl(['get', 'amx', '-o', 'name'])).stdout).toContain('metadatarun.amx.dev/found')
  })

  test('shows the columns a person wants', async () => {
    await kubectl(['apply', '-f', '-'], manifest.replace('from-git', 'shown'))
    const { stdout } = await kubectl(['get', 'mrun', 'shown'])
    expect(stdout.split('\n')[0]?.split(/\s+/)).toEqual([
      'NAME',
      'TYPE',
      'PHASE',
      'PROGRESS',
      'HIGH',
      'MED',
      'LOW',
      'COST',
      'AGE',
    ])
  })
})

test('kubectl explain gives the default of a field in words', async () => {
  const { stdout } = await kubectl(['explain', 'metadataruns.spec.generation.alternatives'])
  expect(stdout).toContain('Default: 3.')
})
