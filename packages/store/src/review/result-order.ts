import { AmxError, type ResultSort, resultSorts, type SortOrder, sortOrders, usualOrder } from '@amx/api'
import type { Parameters } from '../keyset.ts'
import { readCursor, writeCursor } from '../keyset.ts'

/** How rows follow each other: by one figure or word first, or by the place in the catalog alone. */
export interface ResultOrder {
  readonly sort: ResultSort
  readonly order: SortOrder
  /** When the first page was read, as PostgreSQL writes it: later decisions move no row across pages. */
  readonly asOf: string
}

/** Where a list goes on: behind a row, with what the first page found. */
export interface ResultPlace {
  readonly ordering: ResultOrder
  readonly total: number
  readonly keys: readonly (string | number)[]
}

const highestInteger = 2_147_483_647

interface KeyColumn {
  readonly sql: string
  readonly type: 'text' | 'float8' | 'bigint'
  readonly descending: boolean
}

/** The keys of an order, the first one first. No key is ever null, and the last one differs in every row. */
function keyColumns({ sort, order, asOf }: ResultOrder, parameters: Parameters): readonly KeyColumn[] {
  const descending = order === 'descending'
  const key = (sql: string, type: KeyColumn['type'], down = false): KeyColumn => ({ sql, type, descending: down })
  // Ids follow the catalog.
  const id = (down = false) => key('a.id', 'bigint', down)
  const last = (type: 'float8' | 'bigint') => (descending ? '-1' : type === 'float8' ? '2' : `${highestInteger}`)
  const decided = () => `(a.decided_at is not null and a.decided_at <= ${parameters.add(asOf)}::timestamptz)`
  switch (sort) {
    case 'path':
      return [key('a.path', 'text', descending), id(descending)]
    case 'catalog':
      return [key('a.table_path', 'text', descending), key('a.ordinal', 'bigint', descending), id(descending)]
    case 'name':
      return [key(`coalesce(a.column_name, a.path) collate "C"`, 'text', descending), id()]
    case 'kind':
      return [key('a.kind collate "C"', 'text', descending), id()]
    case 'unreviewed':
      return [key(`${decided()}::integer`, 'bigint', descending), id()]
    case 'confidence':
      return [key(`coalesce(a.score, ${last('float8')})`, 'float8', descending), id()]
    case 'tokenProbability':
      return [key(`coalesce(a.token_probability, ${last('float8')})`, 'float8', descending), id()]
    case 'alternatives':
      return [key('a.alternative_count', 'bigint', descending), id()]
    case 'length':
      return [
        key(
          `coalesce(case when ${decided()} then a.text_length else a.draft_length end, ${last('bigint')})`,
          'bigint',
          descending,
        ),
        id(),
      ]
  }
}

export interface OrderSql {
  /** Keys as a list for `select`, as an array of texts. */
  readonly keys: string
  readonly orderBy: string
  /** Condition on rows behind a place. */
  after(keys: readonly (string | number)[]): string
}

/** The SQL of an order over asset `a`. */
export function orderSql(ordering: ResultOrder, parameters: Parameters): OrderSql {
  const columns = keyColumns(ordering, parameters)
  return {
    keys: `array[${columns.map(({ sql }) => `(${sql})::text`).join(', ')}]`,
    orderBy: columns.map(({ sql, descending }) => `${sql}${descending ? ' desc' : ''}`).join(', '),
    after(keys) {
      if (keys.length !== columns.length || !keys.every((key, index) => isOf(columns[index]?.type, key)))
        throw foreignCursor()
      const placed = columns.map((column, index) => ({
        ...column,
        value: `${parameters.add(keys[index])}::${column.type}`,
      }))
      return behind(placed)
    },
  }
}

function isOf(type: KeyColumn['type'] | undefined, key: string | number): boolean {
  if (type === 'bigint') return /^-?[0-9]{1,18}$/.test(String(key))
  return type === 'text' || (key !== '' && Number.isFinite(Number(key)))
}

type PlacedKey = KeyColumn & { readonly value: string }

/** Keys of one direction compare as a row, which an index can answer; before them stand those of the other direction. */
function behind(keys: readonly PlacedKey[]): string {
  const [first, ...rest] = keys
  if (first === undefined) return 'false'
  const sign = first.descending ? '<' : '>'
  if (keys.every(({ descending }) => descending === first.descending)) {
    return `(${keys.map(({ sql }) => sql).join(', ')}) ${sign} (${keys.map(({ value }) => value).join(', ')})`
  }
  return `(${first.sql} ${sign}= ${first.value} and (${first.sql} ${sign} ${first.value} or ${behind(rest)}))`
}

/** The cursor after the last row of a page. */
export function writePlace({ ordering, total, keys }: ResultPlace): string {
  return writeCursor([ordering.sort, ordering.order, ordering.asOf, total, ...keys])
}

/** The place a cursor means; null for none. Throws AMX-1014 for a cursor of another list or order. */
export function readPlace(
  cursor: string | undefined,
  wanted: { readonly sort?: ResultSort; readonly order?: SortOrder },
): ResultPlace | null {
  const parts = readCursor(cursor)
  if (parts === null) return null
  const [sortName, orderName, asOf, total, ...keys] = parts
  const sort = resultSorts.find((one) => one === sortName)
  const order = sortOrders.find((one) => one === orderName)
  const known = sort !== undefined && order !== undefined && typeof asOf === 'string' && typeof total === 'number'
  if (!known || Number.isNaN(Date.parse(asOf))) throw foreignCursor()
  const ordering = orderingOf(wanted, asOf)
  if (ordering.sort !== sort || ordering.order !== order) throw foreignCursor()
  return { ordering, total, keys }
}

/** The order that is asked for, as of a moment. */
export function orderingOf(
  { sort = 'path', order }: { readonly sort?: ResultSort; readonly order?: SortOrder },
  asOf: string,
): ResultOrder {
  return { sort, order: order ?? usualOrder(sort), asOf }
}

function foreignCursor(): AmxError {
  return new AmxError('AMX-1014', { problem: 'the page cursor is not one of this list' })
}
