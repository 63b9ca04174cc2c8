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

/** Key of rows without a figure where the lowest figures come first. */
const behindAllFigures = 2_147_483_647

type KeyType = 'text' | 'float8' | 'bigint'

interface Key {
  /** Over asset `a`; a number where all rows of the part have the same. */
  readonly sql: string | number
  readonly type: KeyType
  readonly descending: boolean
}

/**
 * Rows that one index holds in the order of their keys. The parts of an order have no row in common and hold all rows together;
 * their keys are of the same types and directions, never null, and the last one differs in every row.
 */
interface OrderPart {
  /** Condition on asset `a`; null for all rows. */
  readonly where: string | null
  readonly keys: readonly Key[]
}

function orderParts({ sort, order, asOf }: ResultOrder, parameters: Parameters): readonly OrderPart[] {
  const descending = order === 'descending'
  const key = (sql: Key['sql'], type: KeyType, down = descending): Key => ({ sql, type, descending: down })
  // Ids follow the catalog. In the usual direction rows of the same key do so too; the other one reads the index backwards.
  const id = (down = order !== usualOrder(sort)) => key('a.id', 'bigint', down)
  // Few rows are decided between two pages. An index in the order of ids would be walked from end to end in search of them: this
  // is in no index, so they are looked up by their time and sorted.
  const sortedId = { ...id(), sql: '(a.id + 0)' }
  const all = (...keys: readonly Key[]): OrderPart[] => [{ where: null, keys }]
  switch (sort) {
    case 'path':
      return all(key('a.path', 'text'), id())
    case 'catalog':
      return all(key('a.table_path', 'text'), key('a.ordinal', 'bigint'), id())
    case 'name':
      return all(key(`coalesce(a.column_name, a.path) collate "C"`, 'text'), id())
    case 'kind':
      return all(key('a.kind collate "C"', 'text'), id())
    case 'alternatives':
      return all(key('a.alternative_count', 'bigint'), id())
    case 'confidence':
      // Both directions have an index of their own.
      return all(key(`coalesce(a.score, ${descending ? -1 : 2})`, 'float8'), id(false))
    case 'tokenProbability':
      return figureParts('coalesce(a.token_probability, -1)', 'float8')
    case 'unreviewed': {
      const { since, before } = decided()
      return [
        {
          where: `(a.decided_at is null or ${before})`,
          keys: [key('(a.decided_at is not null)::integer', 'bigint'), id()],
        },
        { where: since, keys: [key(0, 'bigint'), sortedId] },
      ]
    }
    case 'length': {
      const { since, before } = decided()
      return [
        ...figureParts('coalesce(a.text_length, -1)', 'bigint', `(a.decided_at is null or ${before})`),
        // What was chosen since may be of another length; the draft is as long as ever.
        {
          where: since,
          keys: [key(`coalesce(a.draft_length, ${descending ? -1 : behindAllFigures})`, 'bigint'), id()],
        },
      ]
    }
  }

  /** By a figure that is -1 where there is none; rows without one come last in both directions. */
  function figureParts(sql: string, type: KeyType, where: string | null = null): OrderPart[] {
    const within = (condition: string) => (where === null ? condition : `${condition} and ${where}`)
    if (descending) return [{ where, keys: [key(sql, type), id()] }]
    return [
      { where: within(`${sql} >= 0`), keys: [key(sql, type), id()] },
      { where: within(`${sql} = -1`), keys: [key(behindAllFigures, type), id()] },
    ]
  }

  function decided(): { readonly since: string; readonly before: string } {
    const moment = `${parameters.add(asOf)}::timestamptz`
    return { since: `a.decided_at > ${moment}`, before: `a.decided_at <= ${moment}` }
  }
}

/**
 * SQL for the first rows of an order: their `id` and keys `k1`, `k2`, … Each part gives as many rows as are asked for, so that no
 * more are read than parts times the limit where an index serves them.
 */
export function firstRowsSql(
  ordering: ResultOrder,
  {
    conditions,
    limit,
    after,
  }: {
    /** Conditions on asset `a`. */
    readonly conditions: readonly string[]
    readonly limit: number
    /** Keys of the row behind which the list goes on; null for its beginning. Throws AMX-1014 for those of another list. */
    readonly after: readonly (string | number)[] | null
  },
  parameters: Parameters,
): { readonly text: string; readonly orderBy: string; readonly keys: string } {
  const parts = orderParts(ordering, parameters)
  const [{ keys } = { keys: [] }] = parts
  if (after !== null && !fits(keys, after)) throw foreignCursor()
  const orderBy = keys.map(({ descending }, index) => `k${index + 1}${descending ? ' desc' : ''}`).join(', ')
  const most = parameters.add(limit)
  const texts = parts.flatMap((part) => {
    const behind = after === null ? 'true' : behindSql(part.keys, after, parameters)
    if (behind === 'false') return []
    const where = [...conditions, ...(part.where === null ? [] : [part.where]), behind].join(' and ')
    const columns = part.keys.map(({ sql, type }, index) => `(${sql})::${type} as k${index + 1}`).join(', ')
    const direct = part.keys.flatMap(({ sql, descending }) =>
      typeof sql === 'number' ? [] : [`${sql}${descending ? ' desc' : ''}`],
    )
    return [`(select a.id, ${columns} from amx.assets a where ${where} order by ${direct.join(', ')} limit ${most})`]
  })
  return {
    text: `select * from (${texts.join(' union all ')}) as found order by ${orderBy} limit ${most}`,
    orderBy,
    keys: `array[${keys.map((_, index) => `k${index + 1}::text`).join(', ')}]`,
  }
}

function fits(keys: readonly Key[], values: readonly (string | number)[]): boolean {
  return values.length === keys.length && keys.every(({ type }, index) => isOf(type, values[index] ?? ''))
}

function isOf(type: KeyType, key: string | number): boolean {
  if (type === 'bigint') return /^-?[0-9]{1,18}$/.test(String(key))
  return type === 'text' || (key !== '' && Number.isFinite(Number(key)))
}

/** Keys of one direction compare as a row, which an index can answer; before them stand those of the other direction. */
function behindSql(keys: readonly Key[], places: readonly (string | number)[], parameters: Parameters): string {
  const [first, ...rest] = keys
  const [place, ...restOfPlaces] = places
  if (first === undefined || place === undefined) return 'false'
  if (typeof first.sql === 'number') {
    const distance = (first.sql - Number(place)) * (first.descending ? -1 : 1)
    if (distance !== 0) return distance > 0 ? 'true' : 'false'
    return behindSql(rest, restOfPlaces, parameters)
  }
  const placed = ({ type }: Key, index: number) => `${parameters.add(places[index])}::${type}`
  const sign = first.descending ? '<' : '>'
  if (keys.every(({ descending }) => descending === first.descending)) {
    return `(${keys.map(({ sql }) => sql).join(', ')}) ${sign} (${keys.map(placed).join(', ')})`
  }
  const [key, value] = [first.sql, placed(first, 0)]
  return `(${key} ${sign}= ${value} and (${key} ${sign} ${value} or ${behindSql(rest, restOfPlaces, parameters)}))`
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
