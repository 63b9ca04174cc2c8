import { AmxError, type ColumnCatalog } from '@amx/api'
import { serverErrorOf } from '../server-error.ts'

/** Columns of one statement: well below the server's limit of 1,664 results with several results each. */
const batchColumns = 200

/** Statements that may be spent on finding the columns that make a statement fail. */
const isolationStatements = 24

export interface UnreadColumn {
  readonly name: string
  readonly reason: string
}

/**
 * Runs `read` over the columns, 200 at a time. A statement that fails because of a value is split in halves until the columns at
 * fault stand alone: one bad column must not lose the table. What concerns the whole table or the connection is thrown.
 */
export async function readInBatches<Result>(
  columns: readonly ColumnCatalog[],
  read: (columns: readonly ColumnCatalog[]) => Promise<Result>,
): Promise<{ readonly results: readonly Result[]; readonly unread: readonly UnreadColumn[] }> {
  const results: Result[] = []
  const unread: UnreadColumn[] = []
  let spent = 0

  async function readOrSplit(batch: readonly ColumnCatalog[]): Promise<void> {
    try {
      results.push(await read(batch))
    } catch (thrown) {
      const reason = valueFault(thrown)
      if (reason === null) throw thrown
      if (batch.length <= 1 || spent >= isolationStatements) {
        unread.push(...batch.map(({ name }) => ({ name, reason })))
        return
      }
      spent += 2
      const middle = Math.ceil(batch.length / 2)
      await readOrSplit(batch.slice(0, middle))
      await readOrSplit(batch.slice(middle))
    }
  }

  for (let start = 0; start === 0 || start < columns.length; start += batchColumns) {
    await readOrSplit(columns.slice(start, start + batchColumns))
  }
  return { results, unread }
}

/** SQLSTATE classes that a value of a column, or a function run on it, can cause. */
const valueClasses = new Set(['22', '0A', 'P0', '2F', '38', '39', 'XX', '21', '54'])

function valueFault(thrown: unknown): string | null {
  if (thrown instanceof AmxError) return null
  const server = serverErrorOf(thrown)
  if (server === null) return null
  const concernsValue = valueClasses.has(server.sqlState.slice(0, 2)) || server.sqlState === '42883'
  return concernsValue ? `${server.message} (SQLSTATE ${server.sqlState})` : null
}
