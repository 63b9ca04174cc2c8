import { AmxError, type RunSummary } from '@amx/api'
import type { ServerStore } from '@amx/store'
import type { Request, Response } from 'express'
import type { Caller, CallerAuthority } from '../auth/caller.ts'
import { pathText, queryText } from '../http/query.ts'
import { requestSignal } from '../http/request-signal.ts'

/** A request of a person in a namespace, with who they are. */
export interface Visit {
  readonly caller: Caller
  readonly namespace: string
  readonly request: Request
  readonly response: Response
  readonly signal: AbortSignal
}

/** What a route asks the cluster's RBAC about its caller. */
export interface Access {
  readonly verb: string
  readonly resource: string
  readonly subresource?: string
}

export type Permitted = (
  access: Access | null,
  handler: (visit: Visit) => Promise<unknown>,
) => (request: Request, response: Response) => Promise<void>

/** May read what is in the results of runs. */
export const readResults: Access = { verb: 'get', resource: 'metadataruns', subresource: 'results' }

/** May see which runs there are. */
export const listRuns: Access = { verb: 'list', resource: 'metadataruns' }

/**
 * Makes handlers of routes below `/namespaces/:namespace`: the caller is authenticated and, unless `access` is null, authorised in
 * the namespace; what the handler gives is sent as JSON, and nothing when it gives nothing.
 */
export function permittedBy(authority: CallerAuthority, stopping: AbortSignal): Permitted {
  return (access, handler) => async (request, response) => {
    const signal = requestSignal(response, stopping)
    const caller = await authority.authenticate(request)
    const namespace = pathText(request, 'namespace')
    if (access !== null) await authority.require(caller, { ...access, namespace })
    const answer = await handler({ caller, namespace, request, response, signal })
    if (answer !== undefined && !response.destroyed) response.json(answer)
  }
}

/** The run a path or a query names, `?uid=` for an older one of the same name. Throws AMX-1013 when there is none. */
export async function findRun(
  store: ServerStore,
  visit: Visit,
  name = pathText(visit.request, 'name'),
): Promise<RunSummary> {
  const found = await store.findRun(visit.namespace, name, queryText(visit.request, 'uid'), visit.signal)
  if (found === null) throw new AmxError('AMX-1013', { what: `run "${name}" in namespace "${visit.namespace}"` })
  return found
}

/** `{name: value}`, or nothing when there is no value: an absent option stays absent. */
export function given<Name extends string, Value>(name: Name, value: Value | undefined): { [Key in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { [Key in Name]?: Value })
}
