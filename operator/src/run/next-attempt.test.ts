import type { WorkerSummary } from '@amx/api'
import { describe, expect, it } from 'vitest'
import { nextAttempt, type StageProgress } from './next-attempt.ts'
import type { JobView, PodView } from './run-observed.ts'

const nowMs = 1_000_000

function pod(changes: Partial<PodView> = {}): PodView {
  return { name: 'p', state: 'Failed', stuck: null, exitCode: 1, summary: null, lastWords: null, ...changes }
}

function job(changes: Partial<JobView> = {}): JobView {
  return {
    name: 'run-draft-1',
    stage: 'draft',
    attempt: 1,
    state: 'Failed',
    failuresBefore: 0,
    progressBefore: 0,
    createdAtMs: 0,
    finishedAtMs: nowMs - 60_000,
    deleting: false,
    message: '',
    pods: [pod()],
    ...changes,
  }
}

function summary(changes: Partial<WorkerSummary> = {}): WorkerSummary {
  return {
    stage: 'draft',
    outcome: 'Failed',
    stop: null,
    units: { done: 0, failed: 0 },
    statements: 0,
    calls: 0,
    durationMs: 1,
    error: null,
    ...changes,
  }
}

function next(jobs: JobView[], changes: Partial<StageProgress> = {}) {
  return nextAttempt({ stage: 'draft', jobs, knownAttempt: 0, progress: 0, nowMs, ...changes })
}

describe('the next attempt at a stage', () => {
  it('is the first when there was none', () => {
    expect(next([])).toEqual({ kind: 'Start', attempt: 1, failures: 0, release: [] })
  })

  it('looks at the Jobs of its own stage only', () => {
    expect(next([job({ stage: 'profile', state: 'Active' })])).toMatchObject({ kind: 'Start', attempt: 1 })
  })

  it('waits while a Job is at work', () => {
    expect(next([job({ state: 'Active', finishedAtMs: null })])).toMatchObject({ kind: 'Working' })
  })

  it('replaces a Job that a person deleted, also when the status alone remembers it', () => {
    expect(next([], { knownAttempt: 3 })).toMatchObject({ kind: 'Start', attempt: 4, failures: 0 })
    expect(next([job({ state: 'Active', deleting: true, attempt: 2 })])).toMatchObject({ kind: 'Start', attempt: 3 })
  })

  it.each([
    [0, 1_000],
    [1, 2_000],
    [2, 4_000],
    [3, 8_000],
    [4, 16_000],
  ])('after %i earlier failures comes %i ms later', (failuresBefore, pauseMs) => {
    const failed = job({ failuresBefore, finishedAtMs: nowMs })
    expect(next([failed])).toMatchObject({ kind: 'Backoff', waitMs: pauseMs })
    expect(next([failed], { nowMs: nowMs + pauseMs - 1 })).toMatchObject({ kind: 'Backoff', waitMs: 1 })
    expect(next([failed], { nowMs: nowMs + pauseMs })).toMatchObject({ kind: 'Start', failures: failuresBefore + 1 })
  })

  it('does not come after six failures in a row; the run ends with what the worker said last', () => {
    const ended = next([job({ failuresBefore: 5, pods: [pod({ exitCode: 137, lastWords: 'a\nKilled\n' })] })])
    expect(ended).toMatchObject({ kind: 'Fatal', error: { code: 'AMX-4004' } })
    expect(ended.kind === 'Fatal' && ended.error.message).toContain('exit code 137: Killed')
    const log = '{"level":30,"time":"2026-11-20T09:00:00.000Z","msg":"worker started"}'
    const killed = next([job({ failuresBefore: 5, pods: [pod({ exitCode: 137, lastWords: log })] })])
    expect(killed.kind === 'Fatal' && killed.error.message).toMatch(/exit code 137$/)
  })

  it('counts from one again when units were done since the last attempt', () => {
    expect(next([job({ failuresBefore: 5, progressBefore: 10 })], { progress: 11 })).toMatchObject({
      kind: 'Start',
      attempt: 2,
      failures: 1,
    })
  })

  it('hands back what the dead pod held', () => {
    expect(next([job({ pods: [pod({ name: 'run-draft-1-x7k2p' })] })])).toMatchObject({
      release: ['run-draft-1-x7k2p'],
    })
  })

  it('does not come after a fault that no retry can mend', () => {
    const error = { code: 'AMX-3001', message: 'OpenAI refused the API key: 401', remedy: 'Check the key.' }
    expect(next([job({ pods: [pod({ exitCode: 3, summary: summary({ error }) })] })])).toEqual({ kind: 'Fatal', error })
  })

  it('starts at once after a worker that was told to stop, without counting it', () => {
    const stopped = job({
      state: 'Complete',
      finishedAtMs: nowMs,
      pods: [pod({ state: 'Succeeded', exitCode: 0, summary: summary({ outcome: 'Stopped', stop: 'Suspend' }) })],
    })
    expect(next([stopped])).toMatchObject({ kind: 'Start', attempt: 2, failures: 0 })
  })

  it('pauses after a worker that ended well and left its work undone', () => {
    const idle = job({ state: 'Complete', finishedAtMs: nowMs, pods: [pod({ state: 'Succeeded', exitCode: 0 })] })
    expect(next([idle])).toMatchObject({ kind: 'Backoff' })
  })

  it('starts at once after a worker that ended well when new work came in', () => {
    const done = job({ state: 'Complete', finishedAtMs: nowMs, pods: [pod({ state: 'Succeeded', exitCode: 0 })] })
    expect(next([done], { progress: 5 })).toMatchObject({ kind: 'Start', failures: 0 })
  })
})
