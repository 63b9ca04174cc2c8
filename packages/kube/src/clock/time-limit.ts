import { type Clock, systemClock } from './clock.ts'

/** A signal that is aborted when its time is over, or when one of those it depends on is. */
export interface TimeLimit extends Disposable {
  readonly signal: AbortSignal
  /** Whether it was the time that ended it. */
  readonly isOver: boolean
}

export interface TimeLimitOptions {
  readonly limitMs: number
  readonly parents?: readonly (AbortSignal | undefined)[]
  readonly clock?: Clock
  /** What the signal's reason says. */
  readonly reason?: string
}

/**
 * Starts a time limit; dispose of it when what it limits has ended. Unlike AbortSignal.any and AbortSignal.timeout it
 * leaves neither a timer nor a listener behind on signals that live as long as the process.
 */
export function startTimeLimit(options: TimeLimitOptions): TimeLimit {
  const controller = new AbortController()
  const parents = (options.parents ?? []).filter((parent) => parent !== undefined)
  let isOver = false
  const cancel = (options.clock ?? systemClock).after(options.limitMs, () => {
    isOver = true
    controller.abort(new Error(options.reason ?? `not done within ${options.limitMs} ms`))
  })
  function onParent(this: AbortSignal): void {
    controller.abort(this.reason)
  }
  for (const parent of parents) {
    if (parent.aborted) controller.abort(parent.reason)
    else parent.addEventListener('abort', onParent, { once: true })
  }
  return {
    signal: controller.signal,
    get isOver() {
      return isOver
    },
    [Symbol.dispose]() {
      cancel()
      for (const parent of parents) parent.removeEventListener('abort', onParent)
    },
  }
}

/** The promise's outcome, or a rejection with the signal's reason if that comes first. */
export async function withSignal<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    // Nobody waits for it any more, and a rejection that nobody hears ends the process.
    promise.catch(() => undefined)
    throw signal.reason
  }
  let onAbort = (): void => {}
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
