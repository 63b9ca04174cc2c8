import type { ApplyResult, ApplyResultsTaken } from '@amx/api'
import { expect, test } from 'vitest'
import { createResultPoster } from './result-poster.ts'

const signal = new AbortController().signal

function result(unitId: string, rows = 1): ApplyResult {
  const row = { outcome: 'Applied' as const, oldText: null, statement: null, error: null }
  return {
    unitId,
    attempt: 1,
    rows: Array.from({ length: rows }, (_, index) => ({ ...row, rowId: `${index}` })),
    statements: 1,
    durationMs: 1,
  }
}

/** A server whose answers are given by the test, one message after the other. */
function heldServer() {
  const messages: { units: string[]; answer: (taken: ApplyResultsTaken | Error) => void; signal: AbortSignal }[] = []
  return {
    messages,
    postApplyResults({ results }: { results: readonly ApplyResult[] }, given: AbortSignal) {
      return new Promise<ApplyResultsTaken>((resolve, reject) => {
        const answer = (taken: ApplyResultsTaken | Error) => (taken instanceof Error ? reject(taken) : resolve(taken))
        messages.push({ units: results.map(({ unitId }) => unitId), answer, signal: given })
      })
    },
  }
}

const taken: ApplyResultsTaken = { lost: [] }

test('the first result goes at once, and what comes meanwhile goes together', async () => {
  const server = heldServer()
  const poster = createResultPoster(server)
  const posts = ['1', '2', '3'].map((id) => poster.post(result(id), signal))
  expect(server.messages.map(({ units }) => units)).toEqual([['1']])
  server.messages[0]?.answer(taken)
  await posts[0]
  await expect.poll(() => server.messages.length).toBe(2)
  expect(server.messages[1]?.units).toEqual(['2', '3'])
  server.messages[1]?.answer(taken)
  await Promise.all(posts)
  const later = poster.post(result('4'), signal)
  expect(server.messages[2]?.units).toEqual(['4'])
  server.messages[2]?.answer(taken)
  await later
})

test('a message holds 2,000 rows, and a table with more goes alone', async () => {
  const server = heldServer()
  const poster = createResultPoster(server)
  const posts = [result('1'), result('2', 1_500), result('3', 600), result('4', 2_000)].map((one) =>
    poster.post(one, signal),
  )
  for (const [index, units] of [['1'], ['2'], ['3'], ['4']].entries()) {
    await expect.poll(() => server.messages[index]?.units).toEqual(units)
    server.messages[index]?.answer(taken)
  }
  await Promise.all(posts)
})

test('a unit that somebody else holds fails alone; a message that fails fails for all in it, and the next one goes', async () => {
  const server = heldServer()
  const poster = createResultPoster(server)
  const posts = ['1', '2', '3'].map((id) => poster.post(result(id), signal))
  server.messages[0]?.answer(new Error('away'))
  await expect(posts[0]).rejects.toThrow('away')
  await expect.poll(() => server.messages.length).toBe(2)
  server.messages[1]?.answer({ lost: ['3'] })
  await posts[1]
  await expect(posts[2]).rejects.toMatchObject({ code: 'AMX-9003' })
})

test('a unit that is lost before its turn is not posted, and a message ends only when nobody wants it any more', async () => {
  const server = heldServer()
  const poster = createResultPoster(server)
  const [one, two, three, four] = [1, 2, 3, 4].map(() => new AbortController())
  const posts = [one, two, three, four].map((abort, index) =>
    poster.post(result(String(index + 1)), abort?.signal ?? signal),
  )
  two?.abort('lost')
  server.messages[0]?.answer(taken)
  await expect(posts[1]).rejects.toBe('lost')
  await expect.poll(() => server.messages.length).toBe(2)
  expect(server.messages[1]?.units).toEqual(['3', '4'])
  three?.abort('drained')
  expect(server.messages[1]?.signal.aborted).toBe(false)
  four?.abort('drained')
  expect(server.messages[1]?.signal.aborted).toBe(true)
  server.messages[1]?.answer(new Error('aborted'))
  await Promise.allSettled(posts)
})
