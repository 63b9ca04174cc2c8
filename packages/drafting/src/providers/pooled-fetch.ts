import type { ModelSettings } from '@amx/api'
import { Agent, fetch as fetchOverPool } from 'undici'

/** `fetch` over lasting connections, as many as the LLMProfile allows; `close` ends them. */
export interface PooledFetch {
  readonly fetch: typeof fetch
  close(): Promise<void>
}

export function createPooledFetch(limits: ModelSettings['limits']): PooledFetch {
  // Time limits are ours, per try; the pool must not have others.
  const agent = new Agent({
    connections: limits.concurrency,
    keepAliveTimeout: 60_000,
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  // The pool's own fetch and the global one share an interface but not their declared types.
  const pooled: unknown = (input: Parameters<typeof fetchOverPool>[0], init: Parameters<typeof fetchOverPool>[1]) =>
    fetchOverPool(input, { ...init, dispatcher: agent })
  return { fetch: pooled as typeof fetch, close: () => agent.destroy() }
}
