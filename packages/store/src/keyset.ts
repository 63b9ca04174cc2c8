import { AmxError } from '@amx/api'

/** The place after which a page goes on, as an opaque text. */
export function writeCursor(keys: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(keys)).toString('base64url')
}

/** The keys of a cursor made by {@link writeCursor}, as many as told; null for no cursor. Throws AMX-1014 for anything else. */
export function readCursor(cursor: string | undefined, length?: number): readonly (string | number)[] | null {
  if (cursor === undefined || cursor === '') return null
  const keys = parse(cursor)
  if (!Array.isArray(keys) || keys.length !== (length ?? keys.length) || !keys.every(isKey)) {
    throw new AmxError('AMX-1014', { problem: 'the page cursor is not one of this list' })
  }
  return keys
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch {
    return null
  }
}

function isKey(key: unknown): key is string | number {
  return typeof key === 'string' || (typeof key === 'number' && Number.isFinite(key))
}

/** One page of rows of which one more than the limit was read: the rows, and whether more follow. */
export function cutPage<Row>(rows: readonly Row[], limit: number): { page: readonly Row[]; last: Row | null } {
  const page = rows.slice(0, limit)
  return { page, last: rows.length > limit ? (page.at(-1) ?? null) : null }
}

/** The parameters of a statement that is put together from parts. */
export interface Parameters {
  readonly values: readonly unknown[]
  /** Takes a value and gives its placeholder. */
  add(value: unknown): string
}

export function createParameters(): Parameters {
  const values: unknown[] = []
  return {
    values,
    add(value) {
      values.push(value)
      return `$${values.length}`
    },
  }
}

/** Text as a part of a pattern of `like`, meaning itself. */
export function escapedLike(text: string): string {
  return text.replaceAll(/[\\%_]/g, (character) => `\\${character}`)
}
