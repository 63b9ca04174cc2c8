import {
  AmxError,
  type ClaimResponse,
  type DraftUnit,
  type HeartbeatResponse,
  type UnitResult,
  type WorkUnit,
} from '@amx/api'
import pino from 'pino'
import { describe, expect, it } from 'vitest'
import type { ServerClient } from './server-client.ts'
import { runWorkLoop, type WorkLoopOptions } from './work-loop.ts'

function draftUnit(id: string, attempt = 1): DraftUnit {
  return {
    id,
    attempt,
    kind: 'draft',
    targetIndex: 0,
    tableId: 't',
    tablePath: 'sales.customer',
    columns: ['a'],
    includeTable: false,
    batch: 1,
    batches: 1,
  }
}

interface ScriptedServer {
  readonly client: ServerClient
  readonly results: UnitResult[]
  readonly capacities: number[]
  heartbeat: HeartbeatResponse
}

/** Hands out the given claims in order, then says `done`. */
function scriptedServer(claims: ClaimResponse[]): ScriptedServer {
  const results: UnitResult[] = []
  const capacities: number[] = []
  const unexpected = async (): Promise<never> => {
    throw new Error('not part of this test')
  }
  const scripted: ScriptedServer = {
    results,
    capacities,
    heartbeat: { lost: [], stop: null },
    client: {
      async claim(request, signal) {
        signal.throwIfAborted()
        capacities.push(request.capacity)
        await Promise.resolve()
        return claims.shift() ?? { units: [], done: true, stop: null }
      },
      async heartbeat() {
        return scripted.heartbeat
      },
      async postResult(result) {
        results.push(result)
        return { recorded: true }
      },
      assignment: unexpected,
      postApplyResults: unexpected,
      postCatalogPage: unexpected,
      tableProfile: unexpected,
      style: unexpected,
      searchContext: unexpected,
      postRouteMemory: unexpected,
      beginCall: unexpected,
      endCall: unexpected,
      retryCall: unexpected,
      openBatches: unexpected,
      postBatchIntent: unexpected,
      postBatchUpdate: unexpected,
      fail: unexpected,
      postLogs: unexpected,
    },
  }
  return scripted
}

function handOut(...units: WorkUnit[]): ClaimResponse {
  return { units, done: false, stop: null }
}

function options(server: ServerClient, overrides: Partial<WorkLoopOptions>): WorkLoopOptions {
  return {
    server,
    logger: pino({ level: 'silent' }),
    concurrency: 4,
    heartbeatMs: 5,
    drainMs: 20,
    draining: new AbortController().signal,
    perform: async () => undefined,
    ...overrides,
  }
}

/** Resolves when the signal is aborted, like a call that honours its signal. */
function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true })
  })
}

describe('the work loop', () => {
  it('performs every claimed unit and ends when the server says that none is left', async () => {
    const server = scriptedServer([handOut(draftUnit('1'), draftUnit('2')), handOut(draftUnit('3'))])
    const performed: string[] = []
    const result = await runWorkLoop(
      options(server.client, {
        perform: async (unit) => {
          performed.push(unit.id)
        },
      }),
    )
    expect(performed.sort()).toEqual(['1', '2', '3'])
    expect(result).toEqual({ outcome: 'Done', stop: null, done: 3, failed: 0 })
  })

  it('never asks for more than it can hold', async () => {
    const server = scriptedServer([handOut(draftUnit('1'), draftUnit('2')), handOut(draftUnit('3'))])
    const releases: (() => void)[] = []
    const ended = runWorkLoop(
      options(server.client, {
        concurrency: 2,
        perform: () => new Promise<void>((resolve) => releases.push(resolve)),
      }),
    )
    while (releases.length < 2) await new Promise((resolve) => setImmediate(resolve))
    expect(server.capacities).toEqual([2])
    releases[0]?.()
    while (releases.length < 3) await new Promise((resolve) => setImmediate(resolve))
    expect(server.capacities).toEqual([2, 1])
    for (const release of releases) release()
    expect((await ended).done).toBe(3)
  })

  it('asks for no more while what it holds is enough', async () => {
    const server = scriptedServer([handOut(draftUnit('1'), draftUnit('2')), handOut(draftUnit('3'))])
    const releases: (() => void)[] = []
    const ended = runWorkLoop(
      options(server.client, {
        concurrency: 10,
        isEnough: (held) => held.length >= 2,
        perform: () => new Promise<void>((resolve) => releases.push(resolve)),
      }),
    )
    while (releases.length < 2) await new Promise((resolve) => setImmediate(resolve))
    expect(server.capacities).toEqual([10])
    releases[0]?.()
    while (releases.length < 3) await new Promise((resolve) => setImmediate(resolve))
    expect(server.capacities).toEqual([10, 9])
    for (const release of releases) release()
    expect((await ended).done).toBe(3)
  })

  it('posts a retryable failure for another attempt and a table-bound one for good', async () => {
    const server = scriptedServer([handOut(draftUnit('1'), draftUnit('2'))])
    const result = await runWorkLoop(
      options(server.client, {
        perform: async (unit) => {
          if (unit.id === '1') throw new AmxError('AMX-3011', { provider: 'OpenAI', detail: '500' })
          throw new AmxError('AMX-2003', { asset: 'sales.secret', detail: 'permission denied' })
        },
      }),
    )
    expect(result.failed).toBe(2)
    expect(server.results).toMatchObject([
      { unitId: '1', kind: 'failed', retry: true, error: { code: 'AMX-3011' } },
      { unitId: '2', kind: 'failed', retry: false, error: { code: 'AMX-2003' } },
    ])
  })

  it('ends with the fault that stops the run, and hands the unit back', async () => {
    const server = scriptedServer([handOut(draftUnit('1')), handOut(draftUnit('2'))])
    const ended = runWorkLoop(
      options(server.client, {
        perform: async () => {
          throw new AmxError('AMX-3001', { provider: 'OpenAI', detail: 'bad key' })
        },
      }),
    )
    await expect(ended).rejects.toMatchObject({ code: 'AMX-3001' })
    expect(server.results).toContainEqual({ unitId: '1', attempt: 1, kind: 'released' })
  })

  it('drops a unit that the server gave to somebody else, without a word', async () => {
    const server = scriptedServer([handOut(draftUnit('1'))])
    server.heartbeat = { lost: ['1'], stop: null }
    const result = await runWorkLoop(options(server.client, { perform: (_, signal) => untilAborted(signal) }))
    expect(result).toMatchObject({ done: 0, failed: 0 })
    expect(server.results).toEqual([])
  })

  it('finishes what it holds when the run is suspended, and claims no more', async () => {
    const server = scriptedServer([{ units: [draftUnit('1')], done: false, stop: 'Suspend' }, handOut(draftUnit('2'))])
    const result = await runWorkLoop(options(server.client, {}))
    expect(result).toEqual({ outcome: 'Stopped', stop: 'Suspend', done: 1, failed: 0 })
    expect(server.capacities).toHaveLength(1)
  })

  it('hands back what has not begun when the run stops, and finishes the rest', async () => {
    const units = [draftUnit('1'), draftUnit('2')]
    const server = scriptedServer([{ units, done: false, stop: 'Cancel' }])
    const result = await runWorkLoop(
      options(server.client, {
        onStop: () => (unit) => unit.id === '2',
        perform: (unit, signal) => (unit.id === '2' ? untilAborted(signal) : Promise.resolve()),
      }),
    )
    expect(result).toEqual({ outcome: 'Stopped', stop: 'Cancel', done: 1, failed: 0 })
    expect(server.results).toEqual([{ unitId: '2', attempt: 1, kind: 'released' }])
  })

  it('hands back what it cannot finish in time when it is told to end', async () => {
    const server = scriptedServer([handOut(draftUnit('1'))])
    const draining = new AbortController()
    const result = await runWorkLoop(
      options(server.client, {
        concurrency: 1,
        draining: draining.signal,
        perform: (_, signal) => {
          draining.abort()
          return untilAborted(signal)
        },
      }),
    )
    expect(result.outcome).toBe('Interrupted')
    expect(server.results).toEqual([{ unitId: '1', attempt: 1, kind: 'released' }])
  })
})
