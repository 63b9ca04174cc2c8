import { AmxError, type RunSummary } from '@amx/api'
import type { ServerClient } from '../connection/server-client.ts'

const runsPerPage = 200

/**
 * The named run as the server keeps it, also after its object was deleted; unnamed, the newest that drafted something.
 * Throws AMX-1013 when there is none.
 */
export async function storedRun(
  server: ServerClient,
  namespace: string,
  name: string | undefined,
): Promise<RunSummary> {
  if (name !== undefined) return server.run(namespace, name)
  for await (const run of storedRuns(server, namespace)) if (run.draftDigest !== null) return run
  throw new AmxError('AMX-1013', { what: `a run with drafts in namespace "${namespace}"` })
}

/** Runs of a namespace, the newest first, read as they are asked for. */
export async function* storedRuns(server: ServerClient, namespace: string): AsyncGenerator<RunSummary> {
  let after: string | null = null
  do {
    const page = await server.runList(namespace, { limit: runsPerPage, ...(after !== null && { continue: after }) })
    yield* page.runs
    after = page.next
  } while (after !== null)
}
