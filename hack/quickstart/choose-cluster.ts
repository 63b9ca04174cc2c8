import { type KindFacts, kindObstacle } from '../cluster/kind/index.ts'

/** What the quick start runs on: a kind cluster, or the bare control plane with the process node. */
export type ClusterKind = 'kind' | 'bare'

/** A choice, and what the person should hear of it. */
export interface ClusterChoice {
  readonly cluster: ClusterKind
  readonly remark?: string
}

const variable = 'AMX_CLUSTER'

/** What the person asks for with `AMX_CLUSTER`; undefined when they leave it to the machine. Throws for other words. */
export function wantedCluster(env: NodeJS.ProcessEnv = process.env): ClusterKind | undefined {
  const word = env[variable]
  if (word === undefined || word === '') return undefined
  if (word === 'kind' || word === 'bare') return word
  throw new Error(`${variable} is "${word}": it can be kind or bare`)
}

/**
 * kind where it can be used, else the bare control plane; what a system runs on stays as it is. Throws when that is not
 * what the person asks for.
 */
export async function chooseCluster(options: {
  readonly wanted: ClusterKind | undefined
  /** What the system runs on that is there already. */
  readonly kept: ClusterKind | undefined
  readonly facts: () => Promise<KindFacts>
}): Promise<ClusterChoice> {
  const { wanted, kept } = options
  if (kept !== undefined) {
    if (wanted === undefined || wanted === kept) return { cluster: kept }
    throw new Error(`${variable} is ${wanted}, but the quick start runs on ${kept}: npm run quickstart:down first`)
  }
  if (wanted === 'bare') return { cluster: 'bare' }
  const facts = await options.facts()
  const obstacle = kindObstacle(facts)
  if (obstacle === undefined) return { cluster: 'kind' }
  if (wanted === 'kind') throw new Error(`${variable} is kind, but ${obstacle}; unset it to start a bare control plane`)
  // Most machines without Docker have no wish for it.
  if (facts.docker === 'none') return { cluster: 'bare' }
  return { cluster: 'bare', remark: `not using kind, because ${obstacle}: starting a bare control plane` }
}
