import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import type { MetadataRun, Stage, WorkerSummary } from '@amx/api'
import { followRun } from '../quickstart/follow-run.ts'
import type { Kubectl, LocalSystem } from '../quickstart/index.ts'

export interface BenchRunOptions {
  readonly system: LocalSystem
  readonly name: string
  readonly databaseProfile: string
  readonly llmProfile: string
  /** What the run may use; without it as much as it takes. */
  readonly budget?: { readonly maximumTokens: number }
}

export interface TimedRun {
  readonly run: MetadataRun
  /** From `kubectl apply` to AwaitingReview, in seconds, as a watching kubectl sees it. */
  readonly toReviewS: number
  /** What the profile worker itself took, in seconds. */
  readonly profilingS: number
}

const namespace = 'default'

/** Applies an Analyze run of everything in the database and follows it to AwaitingReview. */
export async function benchRun(options: BenchRunOptions): Promise<TimedRun> {
  const { name } = options
  const { kubectl } = options.system
  const started = performance.now()
  await applyRun(options)
  const run = await followRun(kubectl, { namespace, name }, { onLine: () => {}, timeoutMs: 300_000 })
  const toReviewS = (performance.now() - started) / 1000
  if (run.status?.phase !== 'AwaitingReview') throw new Error(`${name}: ${JSON.stringify(run.status, null, 2)}`)
  return { run, toReviewS, profilingS: await profilingSeconds(kubectl, name) }
}

/** Applies an Analyze run with a budget and waits until it stands still over it; throws when it does not within two minutes. */
export async function benchOverBudget(options: Required<BenchRunOptions>): Promise<void> {
  const { kubectl } = options.system
  await applyRun(options)
  const signal = AbortSignal.timeout(120_000)
  for await (const seen of kubectl.watch<MetadataRun>(['get', 'metadatarun', options.name, '-n', namespace], signal))
    if (seen.status?.conditions?.some(({ reason }) => reason === 'BudgetExhausted')) return
  throw new Error(`${options.name} did not come to its budget within 120 s`)
}

function applyRun({ system, name, databaseProfile, llmProfile, budget }: BenchRunOptions): Promise<string> {
  return system.kubectl.apply([
    {
      apiVersion: 'amx.dev/v1alpha1',
      kind: 'MetadataRun',
      metadata: { name, namespace },
      spec: {
        type: 'Analyze',
        targets: [{ databaseProfileRef: { name: databaseProfile } }],
        llmProfileRef: { name: llmProfile },
        generation: { alternatives: 3, columnBatchSize: 10 },
        apply: { policy: 'OnAccept' },
        ...(budget === undefined ? {} : { budget }),
      },
    },
  ])
}

interface PodList {
  items: { status: { containerStatuses?: { state: { terminated?: { message?: string } } }[] } }[]
}

async function profilingSeconds(kubectl: Kubectl, run: string): Promise<number> {
  return ((await workerSummary(kubectl, run, 'profile')).durationMs ?? Number.NaN) / 1000
}

/** What the worker of a stage left as its last word; empty when it left none. */
export async function workerSummary(kubectl: Kubectl, run: string, stage: Stage): Promise<Partial<WorkerSummary>> {
  const selector = `amx.dev/run=${run},amx.dev/stage=${stage}`
  // A run may be further than its pods, which still have to end.
  for (const giveUpAt = Date.now() + 20_000; Date.now() < giveUpAt; await delay(200)) {
    const pods = await kubectl.json<PodList>(['get', 'pods', '-n', namespace, '-l', selector])
    const message = pods.items[0]?.status.containerStatuses?.[0]?.state.terminated?.message
    if (message !== undefined) return JSON.parse(message) as Partial<WorkerSummary>
  }
  return {}
}
