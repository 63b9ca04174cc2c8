import { setTimeout as delay } from 'node:timers/promises'
import { AmxError, type MetadataRun, type RunEvent } from '@amx/api'
import type { CommandIO } from '../command-io.ts'
import type { Connection } from '../connection/connection.ts'
import { resourcePath } from '../connection/kubernetes-client.ts'
import { harmless, paintFor } from '../output/paint.ts'
import { type BatchCount, countBatches, noBatches } from './batch-count.ts'
import { eventLine } from './event-line.ts'
import { followEvents } from './follow-events.ts'
import { liveLines } from './live-lines.ts'
import { asSentence, explanation, isEnded, isSettled, obstacle, runLine } from './run-line.ts'
import { createStatusDisplay } from './status-display.ts'

export interface FollowOptions {
  readonly timeoutMs: number
  /** `settled`: until nothing more happens without a person; `ended`: until the run is over. */
  readonly until: 'settled' | 'ended'
  /** Whether the server's events are shown between the status lines. */
  readonly events: 'show' | 'hide'
  /** What is said about an event; read from the server where that takes it. Default: a line of the event itself. */
  readonly linesOf?: (event: RunEvent) => Promise<readonly string[]>
}

/** Shows a run's progress until it is settled or over, and gives it. Throws AMX-1019 when `timeoutMs` goes by first. */
export async function followRun(
  connection: Connection,
  io: CommandIO,
  name: string,
  options: FollowOptions,
): Promise<MetadataRun> {
  const done = new AbortController()
  const signal = AbortSignal.any([done.signal, AbortSignal.timeout(options.timeoutMs)])
  const display = createStatusDisplay(io)
  const paint = paintFor(io)
  const isDone = options.until === 'ended' ? isEnded : isSettled
  let last: MetadataRun | null = null
  let told: string | null = null
  let batches: BatchCount = noBatches
  // One after the other, in the order of the events; a line that cannot be read is left out.
  let said = Promise.resolve()
  const linesOf = (event: RunEvent) => (options.linesOf ?? ownLine)(event).catch(() => [])
  const events =
    options.events === 'show'
      ? followEvents(connection, name, {
          onEvent(event) {
            batches = countBatches(batches, event)
            said = said.then(async () => {
              for (const line of await linesOf(event)) display.say(harmless(line))
            })
          },
          onSilence: (reason) => display.say(`(no details from the server: ${harmless(reason)})`),
        })
      : null
  const live = () => liveLines(last, batches, io.now(), paint)
  const show = (run: MetadataRun) => {
    // Off a terminal the lines of the events tell the progress; without them the status line does.
    const plain = options.events === 'show' ? (run.status?.phase ?? 'waiting for the operator') : runLine(run, paint)
    display.show({ live, plain })
    const inTheWay = obstacle(run)
    if (inTheWay !== null && inTheWay !== told) display.say(`Waiting  ${harmless(inTheWay)}`)
    told = inTheWay
  }
  let finished: MetadataRun | null = null
  try {
    for await (const run of changesOf(connection, name, signal)) {
      last = run
      if (isDone(run)) {
        finished = run
        break
      }
      show(run)
    }
  } finally {
    done.abort()
    await events?.finish()
    await said
    // After the last event, which comes another way and may be later.
    if (finished !== null) show(finished)
    display.end()
  }
  if (finished !== null) return finished
  io.signal.throwIfAborted()
  throw new AmxError('AMX-1019', {
    timeout: `${options.timeoutMs / 1000}s`,
    detail:
      last === null
        ? `run "${name}" was not seen`
        : `run "${name}" is ${last.status?.phase ?? 'not begun'}. ${explanation(last)}`,
  })
}

async function ownLine(event: RunEvent): Promise<readonly string[]> {
  const line = eventLine(event)
  return line === null ? [] : [line]
}

/** What a settled run means for the command: returns when it went well, throws AMX-1020 when it did not. */
export function requireSuccess(run: MetadataRun): void {
  const phase = run.status?.phase
  if (phase !== 'Failed' && phase !== 'Cancelled' && phase !== 'PartiallyApplied') return
  const { lastError } = run.status ?? {}
  throw new AmxError('AMX-1020', {
    run: run.metadata.name,
    phase: lastError ? `${phase} with ${lastError.code}` : phase,
    detail: lastError ? `${asSentence(lastError.message)} ${lastError.remedy}` : explanation(run),
  })
}

async function* changesOf(connection: Connection, name: string, signal: AbortSignal): AsyncGenerator<MetadataRun> {
  const { kubernetes, namespace } = connection
  while (!signal.aborted) {
    const run = await kubernetes.get<MetadataRun>(resourcePath('MetadataRun', namespace, name))
    yield run
    const query = { fieldSelector: `metadata.name=${name}`, resourceVersion: run.metadata.resourceVersion }
    for await (const { type, object } of kubernetes.watch<MetadataRun>(
      resourcePath('MetadataRun', namespace),
      query,
      signal,
    )) {
      if (type === 'DELETED') throw new AmxError('AMX-1013', { what: `run "${name}" was deleted and` })
      if (type === 'ERROR') break
      if (type !== 'BOOKMARK') yield object
    }
    // The watch ended; begin again from what is there now, without hammering a server that ends each at once.
    await delay(250, undefined, { signal }).catch(() => {})
  }
}
