import { digestOf, type TableProfile } from '@amx/api'

// Names that mean another thing in every table. They count as equal only where keys or values say what they hold.
const vagueWords = new Set(
  `id identifier key no nr num number code name title label type kind class category group status state flag value values text
  description desc comment comments note notes remark remarks info information data date day month year time timestamp start
  end from to begin due amount amt total sum price cost rate quantity qty count cnt size length weight height width volume
  level rank score position pos order sequence seq ordinal index version source target parent reference ref address line
  first last min max avg mean active enabled valid deleted content body payload message result reason owner user
  abbreviation short long full item entry record field attribute property x y z a b c`.split(/\s+/),
)

/**
 * What a column has in common with those that mean the same in other tables: equal keys, equal columns. Conservative: name, type,
 * comment, default, key membership, what it refers to, and the values or their pattern must all agree. Null for a column that is
 * about its own table alone: its identifier, or a name that means another thing everywhere and that nothing explains.
 */
export function twinKey(profile: TableProfile, name: string): string | null {
  const { catalog } = profile
  const column = catalog.columns.find((each) => each.name === name)
  const found = profile.columns.find((each) => each.name === name)
  if (column === undefined || found === undefined) return null
  const references = catalog.foreignKeysOut
    .flatMap(({ columns, otherTable, otherColumns }) => {
      const place = columns.indexOf(name)
      return place === -1 ? [] : [`${otherTable}.${otherColumns[place] ?? ''}`]
    })
    .sort()
  const isOwnKey = [catalog.primaryKey, ...catalog.uniqueKeys].some((key) => key.length === 1 && key[0] === name)
  if (isOwnKey && references.length === 0) return null
  const values = column.enumValues ?? found.frequencies.map(({ value }) => value).sort()
  const words = wordsOf(name)
  const explained = references.length > 0 || values.length > 1
  if (!explained && words.every((word) => vagueWords.has(word) || /^\d+$/.test(word))) return null
  return digestOf([
    words.join('_'),
    column.type,
    (column.comment ?? '').trim(),
    column.default,
    column.generated === true,
    column.identity === true,
    isOwnKey,
    references,
    values,
    found.pattern,
    found.heldBack,
  ])
}

/** The words of a name in lower case, whatever joins them: `customerId`, `Customer ID` and `customer_id` are the same. */
export function wordsOf(name: string): string[] {
  return name
    .replaceAll(/(\p{Ll}|\d)(\p{Lu})/gu, '$1_$2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
}
