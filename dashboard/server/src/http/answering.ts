import type { Request, Response } from 'express'
import { bearerToken } from '../auth/bearer-token.ts'
import { requestSignal } from './request-signal.ts'

export type PodHandler<Identity> = (identity: Identity, request: Request, signal: AbortSignal) => Promise<unknown>

/** A handler for pods: makes out who asks by the token, and answers with what `handler` gives unless the pod has left. */
export function answering<Identity>(
  authenticate: (token: string | null) => Promise<Identity>,
  handler: PodHandler<Identity>,
  stopping: AbortSignal,
) {
  return async (request: Request, response: Response): Promise<void> => {
    const signal = requestSignal(response, stopping)
    const identity = await authenticate(bearerToken(request))
    const answer = await handler(identity, request, signal)
    if (!response.destroyed) response.json(answer)
  }
}
