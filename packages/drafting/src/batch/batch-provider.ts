import type { CallFailure } from '../providers/call-failure.ts'
import type { ModelReply } from '../providers/model-reply.ts'

/** One question of a batch; `callId` comes back with its answer. */
export interface BatchRequest<Body extends object> {
  readonly callId: string
  readonly body: Body
}

export interface BatchAnswer {
  readonly callId: string
  readonly result: ModelReply | CallFailure
}

export type BatchProgress =
  | { readonly state: 'Working' | 'Ended' }
  /** The provider took none of it: no request was answered, none is paid for. */
  | { readonly state: 'Failed'; readonly failure: CallFailure }

/** A provider's API for questions that may be answered within a day, at half the price. Every method throws a {@link BatchFault}. */
export interface BatchProvider<Body extends object> {
  /** Gives the provider's own name of the batch. `batchId` is ours, by which {@link find} knows it again. */
  submit(batchId: string, requests: readonly BatchRequest<Body>[], signal: AbortSignal): Promise<string>
  /** The batch that was submitted as `batchId` at `since` or later, with this many requests; null when there is none. */
  find(batchId: string, since: Date, requests: number, signal: AbortSignal): Promise<string | null>
  progress(name: string, signal: AbortSignal): Promise<BatchProgress>
  /** Answers of an ended batch, in any order. Requests it never came to have a failure, or no answer at all. */
  answers(name: string, signal: AbortSignal): AsyncIterable<BatchAnswer>
  /** Asks the provider to leave out what it has not begun; what is done by then still has its answer. */
  cancel(name: string, signal: AbortSignal): Promise<void>
}

/** A refusal of the provider about a batch as a whole. */
export class BatchFault extends Error {
  override readonly name = 'BatchFault'
  readonly failure: CallFailure

  constructor(failure: CallFailure) {
    super(failure.error.message)
    this.failure = failure
  }
}
