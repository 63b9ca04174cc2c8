import type { LimiterEvent, ModelLimits } from '@amx/store'
import { describe, expect, test } from 'vitest'
import { freshLimiter, type LimiterState, limiterAt, stepLimiter } from './limiter-state.ts'

const open: ModelLimits = { concurrency: 64, requestsPerMinute: 0, tokensPerMinute: 0 }

function stateOf(limits: ModelLimits, change: Partial<LimiterState> = {}): LimiterState {
  return { ...freshLimiter(limits, 0), ...change }
}

const claim = (wanted: number, live = 0): LimiterEvent => ({ type: 'Claim', wanted, live })
const refusal = (retryAfterMs: number | null = null, again = true): LimiterEvent => ({
  type: 'Retry',
  cause: 'RateLimited',
  retryAfterMs,
  again,
})
const answered: LimiterEvent = { type: 'CallEnded', reservedTokens: 0, usedTokens: null, outcome: 'Answered' }

describe('a claim is let through', () => {
  const rpm = (requestsPerMinute: number): ModelLimits => ({ ...open, requestsPerMinute })
  const tpm = (tokensPerMinute: number): ModelLimits => ({ ...open, tokensPerMinute })
  test.each<[string, ModelLimits, Partial<LimiterState>, number, LimiterEvent, number, number | null]>([
    // [what, limits, state at 0, now, event, granted, wait]
    ['whole while there is room', open, {}, 0, claim(10), 10, null],
    ['up to the ceiling', open, {}, 0, claim(10, 60), 4, null],
    ['up to a ceiling that was lowered', open, { ceiling: 8.9 }, 0, claim(10, 5), 3, null],
    ['not at all at the ceiling, whatever the time', open, { ceiling: 5 }, 0, claim(10, 5), 0, null],
    ['to one even at the lowest ceiling', open, { ceiling: 1 }, 0, claim(10), 1, null],
    ['not before the pause is over', open, { closedUntilMs: 700 }, 200, claim(10), 0, 500],
    ['when the pause is over', open, { closedUntilMs: 700 }, 700, claim(10), 10, null],
    ['by one second of requests at once', rpm(600), {}, 0, claim(64), 10, 102],
    ['by the requests that came since', rpm(60), { requests: 0 }, 2_500, claim(64), 1, 1_000],
    ['never by more than the bucket holds', rpm(120), { requests: 0 }, 600_000, claim(64), 2, 505],
    ['one by one where less than one comes in a second', rpm(6), {}, 0, claim(64), 1, 10_000],
    ['not while requests are owed', rpm(60), { requests: -2 }, 0, claim(64), 0, 3_000],
    ['as long as any token is left', tpm(60_000), { tokens: 1, tokensPerCall: 5_000 }, 0, claim(64), 1, 5_000],
    ['by what calls use', tpm(600_000), { tokensPerCall: 1_000 }, 0, claim(64), 10, 1],
    ['not while tokens are owed', tpm(60_000), { tokens: -500 }, 0, claim(64), 0, 501],
  ])('%s', (_, limits, state, nowMs, event, granted, waitMs) => {
    const { answer } = stepLimiter(stateOf(limits, state), limits, event, nowMs)
    expect([answer.granted, answer.waitMs]).toEqual([granted, waitMs])
  })
})

describe('the ceiling', () => {
  test.each<[string, number, readonly LimiterEvent[], number]>([
    ['falls by half in a round of refusals', 64, Array.from({ length: 64 }, () => refusal()), 32],
    ['falls at the first refusal', 64, [refusal()], 63.5],
    ['falls for a refusal after the last try as well', 64, [refusal(null, false)], 63.5],
    ['never falls below one', 1.2, [refusal(), refusal()], 1],
    ['does not fall for other faults', 64, [{ type: 'Retry', cause: 'Fault', retryAfterMs: 500, again: true }], 64],
    ['rises a little with an answer', 32, [answered], 32.125],
    ['never rises above the limit', 64, [answered], 64],
    ['does not rise with a call that failed', 32, [{ ...answered, outcome: 'Failed' } as LimiterEvent], 32],
  ])('%s', (_, ceiling, events, expected) => {
    let state = stateOf(open, { ceiling })
    for (const event of events) state = stepLimiter(state, open, event, 0).state
    expect(state.ceiling).toBeCloseTo(expected)
  })

  test('rises by a sixteenth of the limit with a round of answers', () => {
    let state = stateOf(open, { ceiling: 16 })
    for (let call = 0; call < 16; call += 1) state = stepLimiter(state, open, answered, 0).state
    expect(state.ceiling).toBeGreaterThan(19)
    expect(state.ceiling).toBeLessThanOrEqual(20)
  })

  test('stays near the limit while one call in ten is refused, and finds the place of a provider that takes eight', () => {
    let state = stateOf(open)
    for (let call = 0; call < 2_000; call += 1)
      state = stepLimiter(state, open, call % 10 === 0 ? refusal() : answered, 0).state
    expect(state.ceiling).toBeGreaterThan(50)
    state = stateOf(open)
    for (let round = 0; round < 50; round += 1)
      for (let call = 1, calls = Math.floor(state.ceiling); call <= calls; call += 1)
        state = stepLimiter(state, open, call > 8 ? refusal() : answered, 0).state
    expect(state.ceiling).toBeGreaterThanOrEqual(8)
    expect(state.ceiling).toBeLessThan(16)
  })

  test('follows the profile when its limit is lowered', () => {
    const lowered = { ...open, concurrency: 4 }
    expect(stepLimiter(stateOf(open), lowered, claim(64), 0).answer.granted).toBe(4)
  })
})

describe('a pause', () => {
  test('lasts as long as the provider asks, at most a minute, and a later shorter one does not end it', () => {
    let { state, answer } = stepLimiter(stateOf(open), open, refusal(5_000), 1_000)
    expect(answer.waitMs).toBe(5_000)
    ;({ state, answer } = stepLimiter(state, open, refusal(1_000), 2_000))
    expect(answer.waitMs).toBe(4_000)
    ;({ state, answer } = stepLimiter(state, open, { type: 'CallBegun', room: 'OfUnit' }, 3_000))
    expect(answer.waitMs).toBe(3_000)
    expect(stepLimiter(state, open, refusal(86_400_000), 3_000).answer.waitMs).toBe(60_000)
  })
})

describe('what was let through is settled', () => {
  const limits: ModelLimits = { concurrency: 8, requestsPerMinute: 60, tokensPerMinute: 60_000 }

  test('room that was not used is given back', () => {
    const full = stateOf(limits)
    const { state, answer } = stepLimiter(full, limits, claim(1), 0)
    const back: LimiterEvent = { type: 'GiveBack', requests: 1, tokens: answer.tokensEach }
    expect(stepLimiter(state, limits, back, 0).state).toEqual(full)
  })

  test('a call is held to what it used, not to what was expected', () => {
    const used = (usedTokens: number | null): LimiterEvent => ({ ...answered, reservedTokens: 4_000, usedTokens })
    const levelAfter = (event: LimiterEvent) => stepLimiter(stateOf(limits, { tokens: -3_000 }), limits, event, 0).state
    expect(levelAfter(used(9_000)).tokens).toBe(-8_000)
    expect(levelAfter(used(1_000)).tokens).toBe(0)
    expect(levelAfter({ ...answered, reservedTokens: 4_000, outcome: 'Failed' }).tokens).toBe(1_000)
  })

  test('what calls use is learnt: the first wholly, later ones by a fifth', () => {
    const used = (usedTokens: number): LimiterEvent => ({ ...answered, usedTokens })
    const first = stepLimiter(stateOf(limits), limits, used(1_000), 0).state
    expect(first.tokensPerCall).toBe(1_000)
    expect(stepLimiter(first, limits, used(2_000), 0).state.tokensPerCall).toBe(1_200)
  })

  test('a further call of a unit, and a further try, are debt that they wait for', () => {
    const beyond = stepLimiter(stateOf(limits, { requests: 0 }), limits, { type: 'CallBegun', room: 'Beyond' }, 0)
    expect(beyond.state.requests).toBe(-1)
    expect(beyond.answer).toMatchObject({ tokensEach: 4_000, waitMs: 3_000 })
    const fault: LimiterEvent = { type: 'Retry', cause: 'Fault', retryAfterMs: null, again: true }
    const again = stepLimiter(stateOf(limits, { requests: -1 }), limits, fault, 0)
    expect(again.answer.waitMs).toBe(2_000)
  })
})

test.each([1, 6, 60, 90, 600, 6_000])('%i requests a minute are never exceeded in any minute', (requestsPerMinute) => {
  const limits: ModelLimits = { concurrency: 1_000, requestsPerMinute, tokensPerMinute: 0 }
  let state = freshLimiter(limits, 0)
  const begun: number[] = []
  for (let nowMs = 0; nowMs < 200_000; nowMs += 10) {
    const step = stepLimiter(state, limits, claim(1_000), nowMs)
    state = step.state
    for (let call = 0; call < step.answer.granted; call += 1) begun.push(nowMs)
  }
  const within = (fromMs: number) => begun.filter((atMs) => atMs >= fromMs && atMs < fromMs + 60_000).length
  const busiest = Math.max(...begun.filter((atMs, index) => atMs !== begun[index - 1]).map(within))
  expect(busiest).toBeLessThanOrEqual(requestsPerMinute)
  expect(busiest).toBeGreaterThanOrEqual(Math.floor(requestsPerMinute * 0.95))
})

test('a clock that goes back gives nothing', () => {
  const limits: ModelLimits = { ...open, requestsPerMinute: 60 }
  const state = stateOf(limits, { atMs: 10_000, requests: 0 })
  expect(limiterAt(state, limits, 5_000)).toEqual(state)
})
