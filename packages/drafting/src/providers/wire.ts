import type { BatchProvider } from '../batch/batch-provider.ts'
import type { ModelQuestion } from '../model-route.ts'
import type { CallFailure } from './call-failure.ts'
import type { ModelReply } from './model-reply.ts'
import type { RequestPlan } from './request-plan.ts'

/** A wire format: how a planned question is written, sent once and read. */
export interface Wire<Body extends object> {
  /** The request as it will be sent, without credentials: its digest is the key of the reply cache. */
  bodyOf(question: ModelQuestion, plan: RequestPlan): Body
  /** One try. Throws when no answer came: resets, and the signal's reason. */
  sendOnce(body: Body, signal: AbortSignal): Promise<ModelReply | CallFailure>
  /** The provider's API for many questions that may wait; absent where it has none. */
  readonly batch?: BatchProvider<Body>
  close(): Promise<void>
}
