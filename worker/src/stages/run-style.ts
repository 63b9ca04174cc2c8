import type { GenerationSettings, StyleExample } from '@amx/api'
import type { ServerClient } from '../server-client.ts'

/** Gives the comments whose style a run matches. */
export type RunStyle = (signal: AbortSignal) => Promise<readonly StyleExample[] | undefined>

/** Asks the server for the style once it is there; undefined for a run that matches none. */
export function createRunStyle(server: Pick<ServerClient, 'style'>, generation: GenerationSettings): RunStyle {
  let known: readonly StyleExample[] = []
  return async (signal) => {
    if (generation.styleTable === undefined) return undefined
    // Another target, whose scope is still being resolved, may have the table.
    if (known.length === 0) known = (await server.style(signal)).examples
    return known
  }
}
