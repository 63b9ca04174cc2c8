import { performance } from 'node:perf_hooks'
import type { ChatRequest } from './chat-request.ts'
import type { FaultKind } from './stub-options.ts'

/** How a call ended; `pending` while it runs. */
export type CallOutcome = 'pending' | 'answered' | 'refused' | 'client-left' | FaultKind

/** One request to the stub. Times are milliseconds of one monotonic clock. */
export interface StubCall {
  id: string
  route: 'chat' | 'embeddings'
  startedMs: number
  endedMs?: number
  model: string
  promptDigest: string
  table: string
  columns: string[]
  alternatives: number
  wantTable: boolean
  mode: 'json_schema' | 'json_object' | 'tool' | 'text'
  stream: 'yes' | 'no'
  /** The last four characters of the key it came with. */
  keyEnding: string
  tokens: { input: number; output: number; cached: number; reasoning: number }
  status: number
  outcome: CallOutcome
  request?: ChatRequest
}

/** The calls so far and what can be counted about them. */
export interface CallReport {
  calls: StubCall[]
  inFlight: number
  maximumConcurrency: number
  /** Prompts that got more than one good answer, with how many: work paid for again. */
  answeredAgain: { promptDigest: string; answers: number }[]
}

/** A log of calls. */
export interface CallLog {
  begin(call: Omit<StubCall, 'id' | 'startedMs' | 'outcome' | 'status' | 'tokens'>): StubCall
  end(call: StubCall, outcome: CallOutcome): void
  inFlight(): number
  report(): CallReport
}

/** An empty log. */
export function callLog(): CallLog {
  const calls: StubCall[] = []
  let inFlight = 0
  let maximumConcurrency = 0
  return {
    begin(call) {
      inFlight++
      maximumConcurrency = Math.max(maximumConcurrency, inFlight)
      const begun: StubCall = {
        id: `stub-${String(calls.length + 1).padStart(6, '0')}`,
        startedMs: performance.now(),
        ...call,
        tokens: { input: 0, output: 0, cached: 0, reasoning: 0 },
        status: 0,
        outcome: 'pending',
      }
      calls.push(begun)
      return begun
    },
    end(call, outcome) {
      if (call.outcome !== 'pending') return
      inFlight--
      call.endedMs = performance.now()
      call.outcome = outcome
    },
    inFlight: () => inFlight,
    report() {
      const answers = new Map<string, number>()
      for (const call of calls) {
        if (call.route !== 'chat' || call.outcome !== 'answered') continue
        answers.set(call.promptDigest, (answers.get(call.promptDigest) ?? 0) + 1)
      }
      const answeredAgain = [...answers]
        .filter(([, count]) => count > 1)
        .map(([promptDigest, count]) => ({ promptDigest, answers: count }))
      return { calls: structuredClone(calls), inFlight, maximumConcurrency, answeredAgain }
    },
  }
}
