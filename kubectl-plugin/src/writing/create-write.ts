import { type AmxManifest, apiVersion, type MetadataRun, type MetadataRunSpec } from '@amx/api'
import type { CommandIO } from '../command-io.ts'
import type { Connection } from '../connection/connection.ts'
import { resourcePath } from '../connection/kubernetes-client.ts'
import { createdWords, createQuery, type DryRun } from '../dry-run.ts'
import { type OutputFormat, printObject } from '../output/output-format.ts'

/** Creates a run that writes, or shows the one that would be; null when nothing was created. */
export async function createWrite(
  connection: Connection,
  io: CommandIO,
  manifestOf: (requestedBy: string | null) => AmxManifest<'MetadataRun', MetadataRunSpec>,
  { dryRun, output }: { readonly dryRun: DryRun; readonly output: OutputFormat },
): Promise<MetadataRun | null> {
  if (dryRun === 'client') {
    // For Git: whoever creates it there is not whoever wrote it here.
    printObject(io, manifestOf(null) as unknown as MetadataRun, output, createdWords(dryRun))
    return null
  }
  const created = await connection.kubernetes.create<MetadataRun>(
    `${resourcePath('MetadataRun', connection.namespace)}${createQuery(dryRun)}`,
    manifestOf(await connection.username()),
  )
  printObject(io, { ...created, apiVersion, kind: 'MetadataRun' }, output, createdWords(dryRun))
  return dryRun === 'none' ? created : null
}
