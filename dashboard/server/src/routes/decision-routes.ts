import { AmxError } from '@amx/api'
import type { ServerStore } from '@amx/store'
import { Router } from 'express'
import { impersonationHeaders } from '../auth/impersonation.ts'
import { validator } from '../http/validate.ts'
import type { ClusterApi } from '../kubernetes/cluster-api.ts'
import { decisionRequestSchema } from './decision-request.ts'
import { given, type Permitted, type Visit } from './permitted.ts'

export interface DecisionRouteOptions {
  readonly store: () => ServerStore
  readonly cluster: ClusterApi
}

const checkDecision = validator(decisionRequestSchema)

/** The one kind of object that is created here, as whoever asks for it. */
export function decisionRoutes(options: DecisionRouteOptions, permitted: Permitted): Router {
  const router = Router()
  router.post(
    '/namespaces/:namespace/decisions',
    // No question of our own: the API server itself decides whether this caller may create a ReviewDecision.
    permitted(null, async (visit) => {
      const created = await createDecision(options, visit)
      visit.response.status(201)
      return created
    }),
  )
  return router
}

async function createDecision(options: DecisionRouteOptions, visit: Visit): Promise<unknown> {
  const { caller, namespace, signal } = visit
  if (caller.token === null)
    throw new AmxError('AMX-1014', {
      problem:
        'a decision is created with your own token, and a client certificate cannot be passed on: create the ReviewDecision through the Kubernetes API',
    })
  const { run, draftDigest, items, filter, apply, comment } = checkDecision(visit.request.body)
  if ((items === undefined) === (filter === undefined))
    throw new AmxError('AMX-1014', { problem: 'the body needs exactly one of "items" and "filter"' })
  const found = await options.store().findRun(namespace, run, undefined, signal)
  if (found === null) throw new AmxError('AMX-1013', { what: `run "${run}" in namespace "${namespace}"` })
  const decision = {
    apiVersion: 'amx.dev/v1alpha1',
    kind: 'ReviewDecision',
    metadata: { generateName: `${run.slice(0, 50)}-`, namespace, labels: { 'amx.dev/origin': 'studio' } },
    spec: {
      runRef: { name: run, uid: found.uid },
      draftDigest,
      reviewer: { username: caller.user.username },
      ...given('items', items),
      ...given('filter', filter),
      ...given('apply', apply),
      ...given('comment', comment),
    },
  }
  const headers = caller.impersonation === null ? {} : impersonationHeaders(caller.impersonation)
  return options.cluster.createDecision({ token: caller.token, headers }, namespace, decision, signal)
}
