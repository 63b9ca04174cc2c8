import type { ResultRow, VersionRow } from '@amx/api'
import type { CommandIO } from '../../../command-io.ts'
import { writeInEditor } from './external-editor.ts'
import { lookOfTerminal } from './look-of-terminal.ts'
import { render } from './render.ts'
import type { Beginning, Effect, ReviewEvent, ReviewState } from './state.ts'
import { beginReview } from './state.ts'
import { step } from './step.ts'
import { terminalOf } from './terminal.ts'

export interface RowPage {
  readonly rows: readonly ResultRow[]
  readonly total: number
}

export interface ScreenOptions {
  readonly io: CommandIO
  readonly beginning: Omit<Beginning, 'size'>
  readonly first: RowPage
  /** The rest of the rows; ends when there are no more. */
  readonly rest: AsyncIterable<RowPage>
  readonly readVersions: (row: ResultRow) => Promise<readonly VersionRow[]>
  /** Keeps the verdicts on this machine at once: the process is about to end. */
  readonly rescue: (state: ReviewState) => void
}

export interface Sat {
  readonly how: 'record' | 'keep' | 'discard'
  readonly state: ReviewState
}

const aliveMs = 60_000

/**
 * The review on the whole screen of a terminal, until the reviewer leaves it. Whatever ends it, the terminal is as it was
 * before; where the process is told to end, verdicts are kept. Throws when the streams are no terminal.
 */
export async function runScreen(options: ScreenOptions): Promise<Sat> {
  const { io, first, rest, readVersions, rescue } = options
  const terminal = terminalOf(io)
  if (terminal === null) throw new Error('the streams of this command are no terminal')
  const look = lookOfTerminal(io.env, process.platform)
  let state = beginReview({ ...options.beginning, size: terminal.size() })
  let drawing: NodeJS.Immediate | null = null
  let alive: NodeJS.Timeout | null = null
  let ended = false

  function drawSoon(): void {
    drawing ??= setImmediate(() => {
      drawing = null
      if (!ended) terminal?.draw(render(state, look))
    })
  }

  function redraw(): void {
    terminal?.forget()
    send({ kind: 'resize', size: terminal?.size() ?? state.size })
  }

  let end: (how: Sat['how']) => void = () => {}
  const left = new Promise<Sat['how']>((resolve) => {
    end = resolve
  })

  function send(event: ReviewEvent): void {
    if (ended) return
    const stepped = step(state, event)
    state = stepped.state
    for (const effect of stepped.effects) act(effect)
    drawSoon()
  }

  function act(effect: Effect): void {
    switch (effect.kind) {
      case 'read-versions':
        readVersions(effect.row).then(
          (versions) => send({ kind: 'versions', rowId: effect.row.id, versions }),
          (error: unknown) => send({ kind: 'versions-failed', rowId: effect.row.id, problem: wordsOf(error) }),
        )
        return
      case 'open-editor':
        terminal?.leave()
        writeInEditor(effect.row, effect.text, io.env)
          .then(
            (text) => ({ kind: 'edited', text }) as const,
            (error: unknown) => ({ kind: 'edited', text: null, problem: wordsOf(error) }) as const,
          )
          .then((event) => {
            if (ended) return
            terminal?.enter()
            redraw()
            send(event)
          })
        return
      case 'suspend':
        suspend()
        return
      case 'end':
        end(effect.how)
    }
  }

  function suspend(): void {
    if (process.platform === 'win32') return
    terminal?.leave()
    process.off('SIGTSTP', suspend)
    // Without the keyboard nothing else would keep the process until it is told to go on.
    alive ??= setInterval(() => {}, aliveMs)
    // The whole group, as the terminal itself does it: kubectl may stand between the shell and this process.
    process.kill(0, 'SIGTSTP')
  }

  function resume(): void {
    clearAlive()
    process.off('SIGTSTP', suspend)
    process.on('SIGTSTP', suspend)
    terminal?.enter()
    redraw()
  }

  function clearAlive(): void {
    if (alive !== null) clearInterval(alive)
    alive = null
  }

  function hangUp(): void {
    leaveFor('exit')
    process.kill(process.pid, 'SIGHUP')
  }

  const interrupt = () => end('keep')

  /** Gives everything back; where the process ends before the reviewer said what to do, verdicts are kept first. */
  function leaveFor(reason: 'done' | 'exit'): void {
    if (ended) return
    ended = true
    if (drawing !== null) clearImmediate(drawing)
    clearAlive()
    if (reason === 'exit') rescue(state)
    terminal?.leave()
    terminal?.close()
    process.off('exit', onExit)
    process.off('SIGHUP', hangUp)
    process.off('SIGTSTP', suspend)
    process.off('SIGCONT', resume)
    io.signal.removeEventListener('abort', interrupt)
  }
  const onExit = () => leaveFor('exit')

  process.on('exit', onExit)
  process.on('SIGHUP', hangUp)
  if (process.platform !== 'win32') {
    process.on('SIGTSTP', suspend)
    process.on('SIGCONT', resume)
  }
  io.signal.addEventListener('abort', interrupt)
  terminal.onKey((key) => send({ kind: 'key', key }))
  terminal.onResize(redraw)
  terminal.onGone(hangUp)
  try {
    terminal.enter()
    send({ kind: 'rows', ...first })
    readRest(rest, send, () => ended)
    const how = await left
    return { how, state }
  } finally {
    leaveFor('done')
  }
}

async function readRest(
  pages: AsyncIterable<RowPage>,
  send: (event: ReviewEvent) => void,
  isOver: () => boolean,
): Promise<void> {
  try {
    for await (const page of pages) {
      if (isOver()) return
      send({ kind: 'rows', ...page })
    }
    send({ kind: 'complete' })
  } catch (error) {
    send({ kind: 'load-failed', problem: wordsOf(error) })
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
