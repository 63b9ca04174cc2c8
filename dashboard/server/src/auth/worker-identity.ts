import { AmxError, stages } from '@amx/api'
import type { WorkerIdentity } from '@amx/store'
import type { ClusterApi, ObjectMeta } from '../kubernetes/cluster-api.ts'
import { tokenKey, validForMs } from './bearer-token.ts'
import { expiringCache } from './expiring-cache.ts'

const serviceAccountName = /^system:serviceaccount:([^:]+):([^:]+)$/
const rememberedMs = 60_000
const refusedMs = 3_000

type Verdict = { readonly worker: WorkerIdentity } | { readonly refused: string }

/**
 * Tells from a pod's token which run and stage it works for: token -> pod -> Job -> MetadataRun, each link checked by uid,
 * so that a pod made by hand with copied labels gets nothing. Throws AMX-1010 when any link is missing.
 */
export function createWorkerAuthenticator(cluster: ClusterApi, audience: string) {
  const verdicts = expiringCache<Verdict>(5_000)

  async function decide(token: string): Promise<Verdict> {
    const user = await cluster.reviewToken(token, audience)
    if (user === null) return { refused: `the token is not valid for the audience "${audience}"` }
    const namespace = serviceAccountName.exec(user.username)?.[1]
    const podName = user.extra['authentication.kubernetes.io/pod-name']?.[0]
    const podUid = user.extra['authentication.kubernetes.io/pod-uid']?.[0]
    if (namespace === undefined || podName === undefined || podUid === undefined)
      return { refused: 'the token is not bound to a pod' }
    const pod = await cluster.readPod(namespace, podName)
    if (pod === null || pod.uid !== podUid) return { refused: `pod "${podName}" no longer exists` }
    if (pod.controller?.kind !== 'Job' || pod.controller.apiVersion !== 'batch/v1')
      return { refused: `pod "${podName}" does not belong to a Job` }
    const job = await cluster.readJob(namespace, pod.controller.name)
    if (job === null || job.uid !== pod.controller.uid)
      return { refused: `the Job of pod "${podName}" no longer exists` }
    return workerOf(pod, job)
  }

  return async function authenticateWorker(token: string | null): Promise<WorkerIdentity> {
    if (token === null) throw new AmxError('AMX-1010', { problem: 'the request carries no token' })
    const verdict = await verdicts.get(tokenKey(token), async () => {
      const value = await decide(token)
      return { value, ttlMs: 'worker' in value ? validForMs(token, rememberedMs) : refusedMs }
    })
    if ('refused' in verdict) throw new AmxError('AMX-1010', { problem: verdict.refused })
    return verdict.worker
  }
}

function workerOf(pod: ObjectMeta, job: ObjectMeta): Verdict {
  const stage = stages.find((known) => known === job.labels['amx.dev/stage'])
  const owner = job.controller
  if (owner?.kind !== 'MetadataRun' || !owner.apiVersion.startsWith('amx.dev/'))
    return { refused: `Job "${job.name}" does not belong to a MetadataRun` }
  if (stage === undefined) return { refused: `Job "${job.name}" has no stage` }
  if (job.labels['amx.dev/run-uid'] !== owner.uid)
    return { refused: `Job "${job.name}" names another run than its owner` }
  return { worker: { runUid: owner.uid, stage, holder: pod.name } }
}
