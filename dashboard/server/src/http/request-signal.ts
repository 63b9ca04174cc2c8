import type { Response } from 'express'

/** A signal that ends when the client goes away or the server stops, so that nothing is waited for in vain. */
export function requestSignal(response: Response, stopping: AbortSignal): AbortSignal {
  const gone = new AbortController()
  response.once('close', () => {
    if (!response.writableFinished) gone.abort()
  })
  return AbortSignal.any([stopping, gone.signal])
}
