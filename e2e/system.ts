import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type {
  ChangeRow,
  DatabaseProfile,
  LLMProfile,
  MetadataRun,
  ResultPage,
  ResultRow,
  ReviewDecision,
} from '@amx/api'
import { createKubectl, type Kubectl, type QuickstartSettings, readResults } from '@amx/hack/quickstart'
import { Client } from 'pg'
import { inject } from 'vitest'

/** The running system as the tests see it: kubectl, the results API and the warehouse itself. */
export interface System {
  readonly stateDir: string
  readonly kubectl: Kubectl
  readonly kubectlPath: string
  readonly kubeconfigPath: string
  readonly settings: QuickstartSettings
  /** Rows of a statement on the warehouse, as a superuser. */
  warehouse(text: string, database?: string): Promise<Record<string, unknown>[]>
  read<Answer>(path: string): Promise<Answer>
  results(name: string): Promise<ResultRow[]>
  changes(name: string): Promise<ChangeRow[]>
}

export const namespace = 'default'

export function openSystem(): System {
  const stateDir = inject('systemStateDir')
  const settings = JSON.parse(readFileSync(join(stateDir, 'quickstart.json'), 'utf8')) as QuickstartSettings
  const environment = readFileSync(join(stateDir, 'env'), 'utf8')
  const kubeconfigPath = /KUBECONFIG='(.*)'/.exec(environment)?.[1] ?? ''
  const kubectlPath = join(/PATH='([^:']*)/.exec(environment)?.[1] ?? '', 'kubectl')
  const adminUrl = readFileSync(join(stateDir, 'warehouse.url'), 'utf8').trim()
  const read = <Answer>(path: string) => readResults<Answer>(kubeconfigPath, settings.ports.serverTls, path)

  return {
    stateDir,
    settings,
    kubectlPath,
    kubeconfigPath,
    kubectl: createKubectl(kubectlPath, kubeconfigPath),
    read,
    async warehouse(text, database = 'amx_demo') {
      const url = new URL(adminUrl)
      url.pathname = `/${database}`
      const client = new Client({ connectionString: url.href, connectionTimeoutMillis: 5_000 })
      await client.connect()
      try {
        return (await client.query<Record<string, unknown>>(text)).rows
      } finally {
        await client.end()
      }
    },
    async results(name) {
      const rows: ResultRow[] = []
      let after = ''
      do {
        const page = await read<ResultPage>(
          `/api/v1/namespaces/${namespace}/runs/${name}/results?limit=500${after === '' ? '' : `&after=${encodeURIComponent(after)}`}`,
        )
        rows.push(...page.rows)
        after = page.next ?? ''
      } while (after !== '')
      return rows
    },
    async changes(name) {
      const page = await read<{ rows: ChangeRow[] }>(`/api/v1/namespaces/${namespace}/runs/${name}/changes?limit=1000`)
      return page.rows
    },
  }
}

export interface RunOptions {
  readonly name?: string
  readonly llmProfile?: string
  readonly databaseProfile?: string
  readonly include?: readonly string[]
  readonly scope?: Record<string, unknown>
  readonly spec?: Record<string, unknown>
}

/** Applies a MetadataRun of type Analyze and gives its name, fresh unless given. */
export async function applyRun({ kubectl }: System, options: RunOptions = {}): Promise<string> {
  const name = options.name ?? `e2e-${randomBytes(4).toString('hex')}`
  const scope = { ...(options.include === undefined ? {} : { include: options.include }), ...options.scope }
  const run = {
    apiVersion: 'amx.dev/v1alpha1',
    kind: 'MetadataRun',
    metadata: { name, namespace },
    spec: {
      type: 'Analyze',
      targets: [{ databaseProfileRef: { name: options.databaseProfile ?? 'demo-warehouse' }, scope }],
      llmProfileRef: { name: options.llmProfile ?? 'built-in' },
      ...options.spec,
    },
  }
  await kubectl.apply([run])
  return name
}

/** Of a profile that is broken on purpose, or whose stub counts what it is asked: only the runs of the test use it. */
export const neverTested = { 'amx.dev/test-every': 'never' }

/** An LLMProfile whose route is a model stub. */
export async function applyStubProfile(
  { kubectl }: System,
  name: string,
  baseURL: string,
  limits: Record<string, unknown> = {},
): Promise<void> {
  const apiKey = Buffer.from('stub-key').toString('base64')
  await kubectl.apply([
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: `${name}-key`, namespace }, data: { apiKey } },
    {
      apiVersion: 'amx.dev/v1alpha1',
      kind: 'LLMProfile',
      metadata: { name, namespace, annotations: neverTested },
      spec: {
        provider: 'OpenAICompatible',
        model: 'stub-model',
        baseURL,
        apiKeySecretRef: { name: `${name}-key` },
        limits: { concurrency: 4, ...limits },
      },
    },
  ])
}

/** The run as it stands. */
export function readRun({ kubectl }: System, name: string): Promise<MetadataRun> {
  return kubectl.json<MetadataRun>(['get', 'metadatarun', name, '-n', namespace])
}

/** Waits until the run is as asked; throws with its status when it is not within `withinMs`. */
export async function untilRun(
  system: System,
  name: string,
  wanted: (run: MetadataRun) => boolean,
  withinMs = 120_000,
): Promise<MetadataRun> {
  const giveUpAt = Date.now() + withinMs
  for (;;) {
    const run = await readRun(system, name)
    if (wanted(run)) return run
    if (Date.now() > giveUpAt) throw new Error(`run ${name} did not come there: ${JSON.stringify(run.status, null, 2)}`)
    await delay(200)
  }
}

export function untilPhase(system: System, name: string, ...phases: string[]): Promise<MetadataRun> {
  return untilRun(system, name, ({ status }) => phases.includes(status?.phase ?? ''))
}

/** Waits for any condition of the world outside. */
export async function until(what: string, holds: () => Promise<boolean>, withinMs = 60_000): Promise<void> {
  const giveUpAt = Date.now() + withinMs
  while (!(await holds())) {
    if (Date.now() > giveUpAt) throw new Error(`not within ${withinMs / 1000} s: ${what}`)
    await delay(200)
  }
}

/** The condition of a type. */
export function condition(run: MetadataRun | ReviewDecision | DatabaseProfile | LLMProfile, type: string) {
  return run.status?.conditions?.find((one) => one.type === type)
}

interface PodList {
  items: { metadata: { name: string; labels?: Record<string, string> }; status: { phase?: string } }[]
}

/** Names of a run's pods of a stage that are running. */
export async function workerPods({ kubectl }: System, run: string, stage?: string): Promise<string[]> {
  const selector = `amx.dev/run=${run}${stage === undefined ? '' : `,amx.dev/stage=${stage}`}`
  const pods = await kubectl.json<PodList>(['get', 'pods', '-n', namespace, '-l', selector])
  return pods.items.filter(({ status }) => status.phase === 'Running').map(({ metadata }) => metadata.name)
}

/** Kills a pod as a dying machine does: no grace. */
export async function killPods({ kubectl }: System, podNamespace: string, ...names: string[]): Promise<void> {
  await kubectl.run(['delete', 'pod', ...names, '-n', podNamespace, '--grace-period=0', '--force'])
}

/** Kills the pod of the server or the operator; its Deployment starts another. */
export async function killSystemPod(system: System, part: 'operator' | 'server'): Promise<void> {
  const selector = `app.kubernetes.io/name=amx-${part}`
  const pods = await system.kubectl.json<PodList>(['get', 'pods', '-n', 'amx-system', '-l', selector])
  await killPods(system, 'amx-system', ...pods.items.map(({ metadata }) => metadata.name))
}
