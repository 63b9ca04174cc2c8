import { AmxError, type MetadataRun } from '@amx/api'
import type { Connection } from '../connection/connection.ts'
import { resourcePath } from '../connection/kubernetes-client.ts'

/** The named run, or the newest one of the namespace. Throws AMX-1013 when there is none. */
export async function findRun(connection: Connection, name: string | undefined): Promise<MetadataRun> {
  const { kubernetes, namespace } = connection
  if (name !== undefined) return kubernetes.get<MetadataRun>(resourcePath('MetadataRun', namespace, name))
  const { items } = await kubernetes.get<{ items: MetadataRun[] }>(resourcePath('MetadataRun', namespace))
  const newest = items.reduce<MetadataRun | null>(
    (best, run) => (best === null || run.metadata.creationTimestamp > best.metadata.creationTimestamp ? run : best),
    null,
  )
  if (newest === null) throw new AmxError('AMX-1013', { what: `a run in namespace "${namespace}"` })
  return newest
}

/** The digest a decision has to name. Throws AMX-1008 while there are no settled drafts. */
export function draftDigestOf(run: MetadataRun): string {
  const digest = run.status?.draft?.digest
  if (digest !== undefined) return digest
  throw new AmxError('AMX-1008', {
    asset: `run "${run.metadata.name}"`,
    problem: `its drafts are not complete (it is ${run.status?.phase ?? 'not begun'})`,
  })
}
