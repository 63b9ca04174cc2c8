import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { rigKubeConfigPath, rigKubectlPath, testNamespace } from '@amx/hack'
import { beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { apiVersion } from '../resources/group.ts'

// The roles that people are given, bound in a namespace as its owner would, and asked by people who have them.

const rolesPath = resolve(import.meta.dirname, '../../../../deploy/roles.yaml')
let namespace: string

interface Finished {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

function kubectl(args: readonly string[], input = ''): Promise<Finished> {
  return new Promise((done) => {
    const all = ['--kubeconfig', rigKubeConfigPath(), '--namespace', namespace, ...args]
    const child = execFile(rigKubectlPath(), all, { timeout: 30_000 }, (error, stdout, stderr) => {
      done({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr })
    })
    child.stdin?.end(input)
  })
}

const account = 'system:serviceaccount:argocd:controller'

beforeAll(async () => {
  namespace = await testNamespace({ prefix: 'roles' })
  expect(await kubectl(['apply', '--server-side', '-f', rolesPath])).toMatchObject({ code: 0 })
  const bind = (role: string, ...subjects: string[]) =>
    kubectl(['create', 'rolebinding', role, `--clusterrole=amx-${role}`, ...subjects])
  await bind('viewer', '--user=vera')
  await bind('reviewer', '--user=rita', '--group=stewards', '--serviceaccount=argocd:controller')
  await bind('applier', '--user=aldo')
  await bind('editor', '--user=edna')
})

let serial = 0
function manifest(kind: string, spec: object): string {
  serial += 1
  return stringify({ apiVersion, kind, metadata: { name: `object-${serial}` }, spec })
}

const decisionOf = (username: string, rest: object = {}) =>
  manifest('ReviewDecision', {
    runRef: { name: 'first' },
    draftDigest: `sha256:${'0'.repeat(64)}`,
    reviewer: { username },
    items: [{ asset: 'sales.customer', verdict: 'Skip', revision: 0 }],
    ...rest,
  })
const analyze = {
  type: 'Analyze',
  targets: [{ databaseProfileRef: { name: 'pg' } }],
  llmProfileRef: { name: 'llm' },
}
const asks: Readonly<Record<string, (user: string) => string>> = {
  decision: (user) => decisionOf(user),
  'decision that applies': (user) => decisionOf(user, { apply: true }),
  run: () => manifest('MetadataRun', analyze),
  'run that writes': () => manifest('MetadataRun', { type: 'Apply', source: { runRef: { name: 'first' } } }),
  profile: () => manifest('LLMProfile', { provider: 'BuiltIn' }),
}

test.each<[string, string, readonly string[]]>([
  ['viewer', 'vera', []],
  ['reviewer', 'rita', ['decision']],
  ['applier', 'aldo', ['decision', 'decision that applies', 'run', 'run that writes']],
  ['editor', 'edna', ['run']],
  ['person without a role', 'nora', []],
])('a %s creates what the role is for and nothing else', async (_, user, wanted) => {
  const created: string[] = []
  for (const [what, manifestFor] of Object.entries(asks)) {
    const { code } = await kubectl(['create', '--as', user, '-f', '-'], manifestFor(user))
    if (code === 0) created.push(what)
  }
  expect(created).toEqual(wanted)
})

test.each([
  ['vera', 'yes'],
  ['rita', 'yes'],
  ['nora', 'no'],
])('%s may read results: %s', async (user, answer) => {
  const { stdout } = await kubectl([
    'auth',
    'can-i',
    'get',
    'metadataruns.amx.dev',
    '--subresource=results',
    '--as',
    user,
  ])
  expect(stdout.trim()).toBe(answer)
})

describe('a decision', () => {
  test('of a member of a group is the member’s, not the group’s', async () => {
    const asMember = ['create', '--as', 'gina', '--as-group', 'stewards', '-f', '-']
    expect(await kubectl(asMember, decisionOf('gina'))).toMatchObject({ code: 0 })
    const refused = await kubectl(asMember, decisionOf('stewards'))
    expect(refused.stderr).toContain('must be the user who creates the decision: gina')
  })

  test('from Git names the account that applies it, twice without a change, and can name nobody else', async () => {
    const git = ['apply', '--server-side', '--field-manager=argocd-controller', '--as', account, '-f', '-']
    const given = decisionOf(account)
    const first = await kubectl(git, given)
    expect(first.code, first.stderr).toBe(0)
    const version = () =>
      kubectl(['get', 'reviewdecisions.amx.dev', `object-${serial}`, '-o', 'jsonpath={.metadata.resourceVersion}'])
    const before = (await version()).stdout
    expect(await kubectl(git, given)).toMatchObject({ code: 0 })
    expect((await version()).stdout).toBe(before)
    const changed = given.replace('verdict: Skip', 'verdict: Reject')
    expect((await kubectl(git, changed)).stderr).toContain('items cannot be changed after creation')
    const borrowed = await kubectl(git, decisionOf('ada'))
    expect(borrowed.stderr).toContain(`must be the user who creates the decision: ${account}`)
  })
})
