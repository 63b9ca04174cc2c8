import { apiVersion, type MetadataRun } from '@amx/api'
import { Command } from 'commander'
import { type CommandBody, withContext } from '../../command.ts'
import type { CommandIO } from '../../command-io.ts'
import { resourcePath } from '../../connection/kubernetes-client.ts'
import { type OutputFormat, outputOption, printObject } from '../../output/output-format.ts'
import { isEnded } from '../../progress/run-line.ts'

interface Options {
  readonly output: OutputFormat
}

/** `cancel RUN…`: stop runs for good. */
export function cancelCommand(io: CommandIO): Command {
  return new Command('cancel')
    .description('stop runs for good; what was drafted is kept')
    .argument('<run...>', 'names of the runs')
    .addOption(outputOption())
    .action(withContext(io, body))
}

const body: CommandBody<[string[]], Options> = async ({ io, connect }, [names], { output }) => {
  const { kubernetes, namespace } = await connect()
  for (const name of names) {
    const path = resourcePath('MetadataRun', namespace, name)
    const before = await kubernetes.get<MetadataRun>(path)
    const ended = isEnded(before)
    const run = ended ? before : await kubernetes.mergePatch<MetadataRun>(path, { spec: { desiredState: 'Cancel' } })
    const happened = ended ? `had ended already (${before.status?.phase})` : 'is being cancelled'
    printObject(io, { ...run, apiVersion, kind: 'MetadataRun' }, output, happened)
  }
}
