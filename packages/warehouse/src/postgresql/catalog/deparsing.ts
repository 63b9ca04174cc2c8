import { serverErrorOf } from '../server-error.ts'

/**
 * Whether expressions and view definitions are written out. That takes a share lock on the relations they name, so a migration
 * that holds one of them would keep the whole catalog waiting.
 */
export type Deparsing = 'On' | 'Off'

/** Reads with expressions, and once more without them when another session's lock is in the way. */
export async function readDeparsed<Result>(read: (deparsing: Deparsing) => Promise<Result>): Promise<Result> {
  try {
    return await read('On')
  } catch (thrown) {
    if (serverErrorOf(thrown)?.sqlState !== '55P03') throw thrown
    return read('Off')
  }
}
