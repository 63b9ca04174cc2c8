import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import {
  AmxError,
  type AmxManifest,
  apiVersion,
  catalogue,
  type ErrorCode,
  isErrorCode,
  type MetadataRun,
  originLabel,
  type ReviewDecision,
  type ReviewDecisionSpec,
} from '@amx/api'
import type { Connection } from '../connection/connection.ts'
import { resourcePath } from '../connection/kubernetes-client.ts'
import { createQuery } from '../dry-run.ts'
import { counted } from '../output/figures.ts'

/** What is decided; who decides and about which run is added. */
export type Verdicts = Pick<ReviewDecisionSpec, 'items' | 'filter' | 'apply' | 'comment'>

export const itemsPerDecision = 500

/** A run as a decision names it. */
interface DecidedRun {
  readonly metadata: Pick<MetadataRun['metadata'], 'name' | 'namespace' | 'uid'>
}

/** The ReviewDecision of a reviewer about the drafts of a run, as `digest` names them. Pure. */
export function decisionManifest(
  run: DecidedRun,
  digest: string,
  username: string,
  verdicts: Verdicts,
): AmxManifest<'ReviewDecision', ReviewDecisionSpec> {
  return {
    apiVersion,
    kind: 'ReviewDecision',
    metadata: {
      generateName: `${run.metadata.name.slice(0, 200)}-`,
      namespace: run.metadata.namespace,
      labels: { [originLabel]: 'plugin' },
    },
    spec: {
      runRef: { name: run.metadata.name, uid: run.metadata.uid },
      draftDigest: digest,
      reviewer: { username },
      ...verdicts,
    },
  }
}

/**
 * A decision with a name made of what it says: a file of it can be applied again and again, and is recorded once. One that is
 * created is named by the API server instead, for the same may be decided anew.
 */
export function namedDecision(
  manifest: AmxManifest<'ReviewDecision', ReviewDecisionSpec>,
): AmxManifest<'ReviewDecision', ReviewDecisionSpec> & { readonly metadata: { readonly name: string } } {
  const { generateName = '', name, ...metadata } = manifest.metadata
  const says = createHash('sha256').update(JSON.stringify(manifest.spec)).digest('hex').slice(0, 10)
  return { ...manifest, metadata: { name: name ?? `${generateName}${says}`, ...metadata } }
}

/** Has the API server check a decision without keeping it. */
export async function checkDecision(
  { kubernetes, namespace }: Connection,
  manifest: AmxManifest<'ReviewDecision', ReviewDecisionSpec>,
): Promise<ReviewDecision> {
  const checked = await kubernetes.create<ReviewDecision>(
    `${resourcePath('ReviewDecision', namespace)}${createQuery('server')}`,
    manifest,
  )
  return { ...checked, kind: 'ReviewDecision' }
}

/** Creates a decision and waits until it is final. Throws the reason it was not recorded for, or AMX-1019 after `timeoutMs`. */
export async function recordDecision(
  connection: Connection,
  manifest: AmxManifest<'ReviewDecision', ReviewDecisionSpec>,
  options: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<ReviewDecision> {
  const { kubernetes, namespace } = connection
  const collection = resourcePath('ReviewDecision', namespace)
  const created = await kubernetes.create<ReviewDecision>(`${collection}${createQuery('none')}`, manifest)
  const { name } = created.metadata
  const timeout = AbortSignal.timeout(options.timeoutMs)
  const signal = AbortSignal.any([timeout, options.signal])
  let decision = created
  while (!signal.aborted) {
    const final = finalCondition(decision)
    if (final?.status === 'True') return decision
    if (final !== undefined) throw refusal(final.reason, final.message)
    const query = { fieldSelector: `metadata.name=${name}`, resourceVersion: decision.metadata.resourceVersion }
    for await (const { type, object } of kubernetes.watch<ReviewDecision>(collection, query, signal)) {
      if (type !== 'ADDED' && type !== 'MODIFIED') continue
      decision = object
      if (finalCondition(object) !== undefined) break
    }
    if (finalCondition(decision) !== undefined || signal.aborted) continue
    await delay(250, undefined, { signal }).catch(() => {})
    decision = await kubernetes.get<ReviewDecision>(resourcePath('ReviewDecision', namespace, name))
  }
  const final = finalCondition(decision)
  if (final?.status === 'True') return decision
  if (final !== undefined) throw refusal(final.reason, final.message)
  options.signal.throwIfAborted()
  throw new AmxError('AMX-1019', {
    timeout: `${options.timeoutMs / 1000}s`,
    detail: `decision "${name}" is created and not recorded yet; \`kubectl get rdec ${name}\` shows when it is`,
  })
}

/** What was recorded, in words. */
export function recordedLine({ metadata, status }: ReviewDecision): string {
  const counts = status?.counts
  const parts = [
    counts?.accepted && `${counts.accepted} accepted`,
    counts?.skipped && `${counts.skipped} skipped`,
    counts?.rejected && `${counts.rejected} rejected`,
    counts?.restored && `${counts.restored} restored`,
    counts?.superseded && `${counted(counts.superseded, 'earlier queue entry', 'earlier queue entries')} replaced`,
  ].filter(Boolean)
  return `reviewdecision.amx.dev/${metadata.name} recorded: ${parts.length === 0 ? 'no row matched' : parts.join(', ')}`
}

function finalCondition({ status }: ReviewDecision) {
  return status?.conditions?.find(({ type, status: value }) => type === 'Recorded' && value !== 'Unknown')
}

/** The catalogue's error behind a reason, with the operator's own message. */
function refusal(reason: string, message: string): AmxError {
  const code: ErrorCode =
    Object.keys(catalogue)
      .filter(isErrorCode)
      .find((one) => catalogue[one].reason === reason) ?? 'AMX-1009'
  // The condition says code and remedy as well, for whoever reads it alone; here they stand in their own places.
  const { remedy } = catalogue[code]
  const words = message.replace(`(${code})`, '').replace(remedy, '').trim()
  return AmxError.fromReport({ code, message: words, remedy })
}
