import { apiVersion, type DesiredState, type MetadataRun } from '@amx/api'
import { Command } from 'commander'
import { type CommandBody, withContext } from '../../command.ts'
import type { CommandIO } from '../../command-io.ts'
import { resourcePath } from '../../connection/kubernetes-client.ts'
import { type OutputFormat, outputOption, printObject } from '../../output/output-format.ts'
import { isEnded } from '../../progress/run-line.ts'

interface Options {
  readonly output: OutputFormat
}

interface Control {
  readonly name: string
  readonly description: string
  readonly desiredState: DesiredState
  readonly happens: string
}

/** `cancel RUN…`: stop runs for good. */
export function cancelCommand(io: CommandIO): Command {
  return controlCommand(io, {
    name: 'cancel',
    description: 'stop runs for good; what was drafted is kept',
    desiredState: 'Cancel',
    happens: 'is being cancelled',
  })
}

/** `suspend RUN…`: stop runs so that they can go on. */
export function suspendCommand(io: CommandIO): Command {
  return controlCommand(io, {
    name: 'suspend',
    description: 'stop runs so that they can go on later',
    desiredState: 'Suspend',
    happens: 'is being suspended',
  })
}

/** `resume RUN…`: let suspended runs go on. */
export function resumeCommand(io: CommandIO): Command {
  return controlCommand(io, {
    name: 'resume',
    description: 'let suspended runs go on',
    desiredState: 'Run',
    happens: 'goes on',
  })
}

function controlCommand(io: CommandIO, control: Control): Command {
  return new Command(control.name)
    .description(control.description)
    .argument('<run...>', 'names of the runs')
    .addOption(outputOption())
    .action(withContext(io, bodyOf(control)))
}

function bodyOf({ desiredState, happens }: Control): CommandBody<[string[]], Options> {
  return async ({ io, connect }, [names], { output }) => {
    const { kubernetes, namespace } = await connect()
    for (const name of names) {
      const path = resourcePath('MetadataRun', namespace, name)
      const before = await kubernetes.get<MetadataRun>(path)
      const ended = isEnded(before)
      const run = ended ? before : await kubernetes.mergePatch<MetadataRun>(path, { spec: { desiredState } })
      const happened = ended ? `had ended already (${before.status?.phase})` : happens
      printObject(io, { ...run, apiVersion, kind: 'MetadataRun' }, output, happened)
    }
  }
}
