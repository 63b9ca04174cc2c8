import { randomUUID } from 'node:crypto'
import {
  apiVersion,
  dismissMissedAnnotation,
  type MetadataRunSpec,
  type MetadataSchedule,
  runNowAnnotation,
} from '@amx/api'
import { Command } from 'commander'
import { parse, stringify } from 'yaml'
import { type CommandBody, withContext } from '../../command.ts'
import { type CommandIO, print, remark } from '../../command-io.ts'
import type { Connection } from '../../connection/connection.ts'
import { usageError } from '../../connection/connection-options.ts'
import { resourcePath } from '../../connection/kubernetes-client.ts'
import { type OutputFormat, outputOption, printObject } from '../../output/output-format.ts'
import { agrees } from '../../prompt.ts'
import { editedFile } from '../review/screen/external-editor.ts'
import type { GivenOptions } from '../run/complete-options.ts'
import { addRunSpecOptions } from '../run/run-spec-options.ts'
import { editedRun } from './edited-run.ts'
import { mergePatchOf } from './merge-patch.ts'
import { remarkOnFiring, requireFiring } from './operator-firing.ts'
import { addWhenOptions, type WhenOptions, whenOf } from './schedule-manifest.ts'
import { headsUp } from './schedule-words.ts'

interface Options {
  readonly output: OutputFormat
}

interface EditOptions extends Options, WhenOptions, GivenOptions {}

/** `schedule edit NAME [SCOPE…]`: change what the command line names, or everything in an editor. */
export function editCommand(io: CommandIO): Command {
  const command = new Command('edit')
    .description(
      'change what the command line names, or with nothing named the whole schedule in $VISUAL or $EDITOR; nothing fires by it',
    )
    .argument('<schedule>', 'name of the schedule')
    .argument('[scope...]', 'assets its runs document from now on, in place of those before (--all: everything)')
  return addRunSpecOptions(addWhenOptions(command)).addOption(outputOption()).action(withContext(io, edit))
}

const editable: ReadonlySet<string> = new Set(
  addRunSpecOptions(addWhenOptions(new Command())).options.map((option) => option.attributeName()),
)

const edit: CommandBody<[string, string[]], EditOptions> = async ({ io, connect }, [name, scope], options) => {
  const { at, cron, onChange, ...rest } = whenOf(options)
  const fires = at !== undefined || cron !== undefined || onChange !== undefined
  // Only one of the three can stand.
  const when = { ...rest, ...(fires && { at: at ?? null, cron: cron ?? null, onChange: onChange ?? null }) }
  const isNamed = scope.length > 0 || Object.keys(options).some((option) => editable.has(option))
  if (!isNamed && !io.interactive.stdin) {
    throw usageError('there is no terminal to edit in: name what changes with flags')
  }
  const connection = await connect()
  const patch = isNamed
    ? await namedPatch(connection, name, when, (run) => editedRun(run, scope, options))
    : await editedPatch(connection, io, name)
  if (patch === null) return remark(io, 'nothing was changed')
  const changed = await patchSchedule(connection, name, patch)
  printObject(io, changed, options.output, 'changed')
  if (options.output === 'table') print(io, ...headsUp(changed.spec, io.now()))
  await remarkOnFiring(connection, io)
}

/** What the command line changes of a schedule; null when that is nothing. */
async function namedPatch(
  { kubernetes, namespace }: Connection,
  name: string,
  when: object,
  edited: (run: MetadataRunSpec) => MetadataRunSpec,
) {
  const { metadata, spec } = await kubernetes.get<MetadataSchedule>(resourcePath('MetadataSchedule', namespace, name))
  const run = spec.runTemplate.spec
  const template = mergePatchOf(run, edited(run))
  const patch = { ...when, ...(template !== undefined && { runTemplate: { spec: template } }) }
  if (Object.keys(patch).length === 0) return null
  // Lists are written whole: whoever changed them in between is not overwritten.
  return { ...(template !== undefined && { metadata: { resourceVersion: metadata.resourceVersion } }), spec: patch }
}

/** What a person changed of the spec in the editor; null when it is as it was. */
async function editedPatch({ kubernetes, namespace }: Connection, io: CommandIO, name: string) {
  const { metadata, spec } = await kubernetes.get<MetadataSchedule>(resourcePath('MetadataSchedule', namespace, name))
  const head = `# Spec of MetadataSchedule ${name}. Save and close to change it; empty it to leave it as it is.\n`
  const text = await editedFile(
    'schedule.yaml',
    head + stringify(spec, { lineWidth: 0, version: '1.1' }),
    io.env,
  ).catch((error: Error) => {
    throw usageError(error.message)
  })
  const after = parseYAML(text)
  if (after === null) return null
  const patch = mergePatchOf(spec, after)
  // Whoever changed it in between is not overwritten.
  return patch === undefined ? null : { metadata: { resourceVersion: metadata.resourceVersion }, spec: patch }
}

function parseYAML(text: string): unknown {
  try {
    return parse(text, { version: '1.1' }) as unknown
  } catch (error) {
    throw usageError(`what was edited is no YAML: ${(error as Error).message}`)
  }
}

/** `schedule pause NAME…`: fire nothing for now. */
export function pauseCommand(io: CommandIO): Command {
  return suspendCommand(io, {
    name: 'pause',
    does: 'fire nothing until they are resumed',
    suspend: true,
    happens: 'paused',
  })
}

/** `schedule resume NAME…`: fire again. */
export function resumeScheduleCommand(io: CommandIO): Command {
  return suspendCommand(io, {
    name: 'resume',
    does: 'let paused schedules fire again, from their next time on',
    suspend: false,
    happens: 'resumed',
  })
}

interface Suspension {
  readonly name: string
  readonly does: string
  readonly suspend: boolean
  readonly happens: string
}

function suspendCommand(streams: CommandIO, { name: command, does, suspend, happens }: Suspension): Command {
  const body: CommandBody<[string[]], Options> = async ({ io, connect }, [names], { output }) => {
    const connection = await connect()
    for (const name of names) {
      printObject(io, await patchSchedule(connection, name, { spec: { suspend } }), output, happens)
    }
    if (!suspend) await remarkOnFiring(connection, io)
  }
  return namesCommand(command, does).action(withContext(streams, body))
}

/** `schedule run-now NAME…`: one run at once. */
export function runNowCommand(io: CommandIO): Command {
  return requestCommand(io, 'run-now', 'have one run created at once, whenever it would fire', {
    annotation: runNowAnnotation,
    happens: 'is asked to fire now',
  })
}

/** `schedule dismiss NAME…`: forget what was missed. */
export function dismissCommand(io: CommandIO): Command {
  return requestCommand(io, 'dismiss', 'forget the times that were missed', {
    annotation: dismissMissedAnnotation,
    happens: 'is asked to forget what it missed',
  })
}

function requestCommand(
  streams: CommandIO,
  command: string,
  does: string,
  { annotation, happens }: { readonly annotation: string; readonly happens: string },
): Command {
  const body: CommandBody<[string[]], Options> = async ({ io, connect }, [names], { output }) => {
    const connection = await connect()
    // A request that nobody acts on would fire on the day somebody does.
    await requireFiring(connection, io)
    for (const name of names) {
      const patch = { metadata: { annotations: { [annotation]: randomUUID() } } }
      printObject(io, await patchSchedule(connection, name, patch), output, happens)
    }
  }
  return namesCommand(command, does).action(withContext(streams, body))
}

function namesCommand(name: string, does: string): Command {
  return new Command(name).description(does).argument('<schedule...>', 'names of schedules').addOption(outputOption())
}

async function patchSchedule({ kubernetes, namespace }: Connection, name: string, patch: object) {
  const path = `${resourcePath('MetadataSchedule', namespace, name)}?fieldValidation=Strict`
  const changed = await kubernetes.mergePatch<MetadataSchedule>(path, patch)
  return { ...changed, apiVersion, kind: 'MetadataSchedule' as const }
}

interface RemoveOptions {
  readonly yes?: boolean
}

/** `schedule rm NAME…`: delete schedules; their runs stay. */
export function removeCommand(io: CommandIO): Command {
  return new Command('rm')
    .description('delete schedules; the runs they made stay, and an Event says who deleted what')
    .argument('<schedule...>', 'names of schedules')
    .option('-y, --yes', 'do not ask')
    .action(withContext(io, remove))
}

const remove: CommandBody<[string[]], RemoveOptions> = async ({ io, connect }, [names], { yes }) => {
  if (!yes && !io.interactive.stdin) throw usageError('rm asks on a terminal; elsewhere add --yes')
  const connection = await connect()
  if (!yes && !(await agrees(io, `Delete ${names.join(', ')}?`))) return remark(io, 'nothing was deleted')
  for (const name of names) {
    const path = resourcePath('MetadataSchedule', connection.namespace, name)
    const schedule = await connection.kubernetes.get<MetadataSchedule>(path)
    await connection.kubernetes.remove(path)
    print(io, `metadataschedule.amx.dev/${name} deleted`)
    await leaveEvent(connection, schedule, io.now()).catch((error: Error) =>
      remark(io, `No Event tells of it: ${error.message}`),
    )
  }
}

async function leaveEvent(connection: Connection, { metadata }: MetadataSchedule, now: Date): Promise<void> {
  const { kubernetes, namespace } = connection
  const { name, uid } = metadata
  await kubernetes.create(`apis/events.k8s.io/v1/namespaces/${namespace}/events`, {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { generateName: `${name.slice(0, 200).replace(/\.+$/, '')}-`, namespace },
    eventTime: now.toISOString().replace('Z', '000Z'),
    type: 'Normal',
    reason: 'ScheduleDeleted',
    action: 'Delete',
    note: `${await connection.username()} deleted the schedule with kubectl amx`.slice(0, 1_000),
    regarding: { apiVersion, kind: 'MetadataSchedule', name, namespace, uid },
    reportingController: 'amx.dev/kubectl-amx',
    reportingInstance: 'kubectl-amx',
  })
}
