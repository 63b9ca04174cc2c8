import { describe, expect, it } from 'vitest'
import { buildJob, jobName, type StageJob } from './build-job.ts'

const reader = {
  secretName: 'pg-reader',
  items: [
    { key: 'username', file: 'username' },
    { key: 'password', file: 'password' },
  ],
}
const ca = { secretName: 'pg-ca', items: [{ key: 'ca.pem', file: 'ca.crt' }] }

function stageJob(changes: Partial<StageJob> = {}): StageJob {
  return {
    run: { name: 'nightly', namespace: 'team', uid: 'u-1' },
    stage: 'profile',
    attempt: 2,
    failures: 1,
    progress: 17,
    targetSecrets: [[reader, ca]],
    modelSecret: null,
    ...changes,
  }
}

function pod(job: StageJob) {
  const built = buildJob(job, { image: 'amx.dev/worker:0.1.0', serverUrl: 'http://amx-server.amx-system' })
  const spec = built.spec?.template.spec
  const container = spec?.containers[0]
  if (spec === undefined || container === undefined) throw new Error('a Job has a pod with a container')
  return { built, spec, container, env: new Map(container.env?.map(({ name, value }) => [name, value])) }
}

describe('a Job', () => {
  it('is collected with its run and found by it', () => {
    const { built } = pod(stageJob())
    expect(built.metadata).toMatchObject({
      name: 'nightly-profile-2',
      namespace: 'team',
      labels: {
        'amx.dev/run': 'nightly',
        'amx.dev/run-uid': 'u-1',
        'amx.dev/stage': 'profile',
        'amx.dev/attempt': '2',
      },
      annotations: { 'amx.dev/failures': '1', 'amx.dev/progress': '17' },
      ownerReferences: [{ kind: 'MetadataRun', name: 'nightly', uid: 'u-1', controller: true }],
    })
  })

  it('fails at the first crash and leaves trying again to the operator, but for a drained node', () => {
    const { built, spec } = pod(stageJob())
    expect(built.spec).toMatchObject({ backoffLimit: 0, ttlSecondsAfterFinished: 600 })
    expect(built.spec?.podFailurePolicy?.rules[0]?.action).toBe('Ignore')
    expect(spec.restartPolicy).toBe('Never')
  })

  it('mounts the reader and its CA per target for the profile stage', () => {
    const { spec, container } = pod(stageJob({ targetSecrets: [[reader, ca], [reader]] }))
    expect(container.volumeMounts).toContainEqual({
      name: 'credentials',
      mountPath: '/var/run/amx/credentials',
      readOnly: true,
    })
    const files = spec.volumes
      ?.find(({ name }) => name === 'credentials')
      ?.projected?.sources?.flatMap(({ secret }) =>
        secret?.items?.map((item) => `${secret.name}/${item.key}→${item.path}`),
      )
    expect(files).toEqual([
      'pg-reader/username→0/username',
      'pg-reader/password→0/password',
      'pg-ca/ca.pem→0/ca.crt',
      'pg-reader/username→1/username',
      'pg-reader/password→1/password',
    ])
  })

  it('gives the draft stage the model key and no credentials', () => {
    const modelSecret = { secretName: 'openai', items: [{ key: 'key', file: 'apiKey' }] }
    const { spec, env } = pod(stageJob({ stage: 'draft', targetSecrets: [[], []], modelSecret }))
    expect(spec.volumes?.map(({ name }) => name)).toEqual(['token', 'model', 'tmp'])
    expect(env.get('AMX_MODEL_KEY_FILE')).toBe('/var/run/amx/model/apiKey')
  })

  it('names no key file where the model needs none', () => {
    expect(pod(stageJob({ stage: 'draft', targetSecrets: [[]] })).env.has('AMX_MODEL_KEY_FILE')).toBe(false)
  })

  it('tells the worker its stage, its run and where everything is', () => {
    const { container, env } = pod(stageJob())
    expect(container.args).toEqual(['profile'])
    expect(Object.fromEntries(env)).toMatchObject({
      AMX_SERVER_URL: 'http://amx-server.amx-system',
      AMX_RUN_UID: 'u-1',
      AMX_STAGE: 'profile',
      AMX_TOKEN_FILE: '/var/run/amx/token/token',
      AMX_CREDENTIALS_DIR: '/var/run/amx/credentials',
    })
  })

  it('has no token but the one for the server', () => {
    const { spec } = pod(stageJob())
    expect(spec.automountServiceAccountToken).toBe(false)
    const tokens = spec.volumes?.flatMap(
      ({ projected }) => projected?.sources?.flatMap((source) => source.serviceAccountToken ?? []) ?? [],
    )
    expect(tokens).toEqual([{ audience: 'amx-server', expirationSeconds: 3600, path: 'token' }])
  })
})

describe('the name of a Job', () => {
  it.each([
    ['short', 'short-draft-1'],
    ['a'.repeat(55), `${'a'.repeat(55)}-draft-1`],
  ])('of run %s is plain while it fits', (run, name) => {
    expect(jobName(run, 'draft', 1)).toBe(name)
  })

  it('is a valid label for every run name, and different for different runs', () => {
    const runs = ['a'.repeat(253), `${'a'.repeat(252)}b`, 'x.y.z', 'x-y-z', `${'b'.repeat(44)}-${'c'.repeat(40)}`]
    const names = runs.map((run) => jobName(run, 'profile', 12))
    for (const name of names) expect(name).toMatch(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])$/)
    expect(new Set(names).size).toBe(runs.length)
  })

  it('is the same for the same attempt', () => {
    expect(jobName('r'.repeat(80), 'apply', 3)).toBe(jobName('r'.repeat(80), 'apply', 3))
  })
})
