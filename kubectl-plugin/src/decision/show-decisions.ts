import type { AmxManifest, ReviewDecision, ReviewDecisionSpec } from '@amx/api'
import { type CommandIO, print } from '../command-io.ts'
import type { Connection } from '../connection/connection.ts'
import { createdWords, type DryRun, dryRunOption } from '../dry-run.ts'
import {
  isValueFormat,
  type OutputFormat,
  objectName,
  printObject,
  printValue,
  withoutManagedFields,
} from '../output/output-format.ts'
import { checkDecision, namedDecision, recordedLine } from './record-decision.ts'

/** The flag `--dry-run` of commands that create decisions. */
export const decisionDryRunOption = () =>
  dryRunOption({ bare: 'client', says: 'create nothing: client prints the decision, server has it checked' })

/** Shows decisions that are not created: as a file for Git, or as the API server would keep them. */
export async function showDecisions(
  io: CommandIO,
  connection: Connection,
  manifests: readonly AmxManifest<'ReviewDecision', ReviewDecisionSpec>[],
  { dryRun, output }: { readonly dryRun: Exclude<DryRun, 'none'>; readonly output: OutputFormat },
): Promise<void> {
  for (const manifest of manifests) {
    const shown = dryRun === 'client' ? namedDecision(manifest) : await checkDecision(connection, manifest)
    if (manifest !== manifests[0] && output === 'yaml') print(io, '---')
    printObject(io, shown, output, createdWords(dryRun))
  }
}

/** Prints a recorded decision: as an object, by its name, or in words. */
export function printRecorded(io: CommandIO, decision: ReviewDecision, output: OutputFormat): void {
  if (isValueFormat(output)) printValue(io, withoutManagedFields(decision), output)
  else if (output === 'name') print(io, objectName({ ...decision, kind: 'ReviewDecision' }))
  else print(io, recordedLine(decision))
}
