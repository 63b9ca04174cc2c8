/** Thrown by a reconcile that no retry can help; the key comes again only when something changes. */
export class TerminalError extends Error {
  override readonly name: string = 'TerminalError'
}
