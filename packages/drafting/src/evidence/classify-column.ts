import type { ColumnFacts } from './column-facts.ts'
import { splitName } from './name-words.ts'
import { isNumeric, isTemporal } from './type-family.ts'

export const columnClasses = [
  'Identifier',
  'ForeignKey',
  'Code',
  'Measure',
  'DateTime',
  'Flag',
  'Text',
  'Nested',
  'Audit',
] as const
/** What a column is for; it chooses what its description should say. */
export type ColumnClass = (typeof columnClasses)[number]

const auditName =
  /^(?:row_?|rec(?:ord)?_?|dw_?|etl_?)?(?:creat(?:ed|ion)|updat(?:ed|e)|modif(?:ied|ication)|insert(?:ed)?|delet(?:ed|ion)|changed?|last_?(?:modified|updated?|changed?|edited))(?:_?(?:at|on|by|date|time|ts|timestamp|dt|dttm|user|user_id|datetime))+$|^(?:last_?(?:modified|updated?|changed?)|row_?version|lock_?version|opt_?lock|(?:etl|dwh?|load|ingest(?:ed|ion)?)_?(?:id|ts|at|date|time|batch|run|timestamp|load_ts)(?:_?(?:id|at))?|_[a-z]+_(?:loaded|synced|ingested)(?:_at)?|inserted|modified|valid_?to_?current)$/
const keyTokens = new Set(['id', 'sk', 'key', 'pk', 'uuid', 'guid', 'oid', 'ids', 'fk'])
const flagTokens = new Set(['flag', 'flg', 'yn', 'ind', 'indicator', 'bool'])
const flagStarts = new Set(['is', 'has', 'was', 'can', 'should', 'allow', 'allows', 'enable', 'enabled', 'requires'])
const codeTokens = new Set(
  'code cd type typ kind status state stat sts category cat class level lvl tier grade priority prio severity mode method reason segment channel gender sex currency language lang country salutation rating stage phase role format unit uom color colour size outcome result platform'.split(
    ' ',
  ),
)
const dateTokens = new Set('date dt day month year quarter week yr mth time timestamp ts datetime'.split(' '))
const namingTokens = new Set(
  'name nm title description desc descr comment note notes text remark remarks address street city phone tel email url path label message'.split(
    ' ',
  ),
)
const numberingTokens = new Set('number no nbr num nr code cd zip'.split(' '))

/** The class of a column by rule: keys first, then name and type, then what its values look like. */
export function classifyColumn(facts: ColumnFacts): ColumnClass {
  const { column, family } = facts
  const tokens = splitName(column.name)
  const last = tokens.at(-1) ?? ''
  if (facts.reference !== null) return 'ForeignKey'
  if (facts.isPrimaryKey) return 'Identifier'
  if (auditName.test(tokens.join('_'))) return 'Audit'
  if (family === 'Nested') return 'Nested'
  if (family === 'Boolean' || isFlag(facts, tokens)) return 'Flag'
  if (isTemporal(family)) return 'DateTime'
  if (keyTokens.has(last) || family === 'UUID') return 'Identifier'
  if (family === 'Enumeration' || isCode(facts, last)) return 'Code'
  if (isNumeric(family)) {
    if (last === 'year' || last === 'yr') return 'DateTime'
    if (numberingTokens.has(last)) return facts.isUnique ? 'Identifier' : 'Text'
    return 'Measure'
  }
  const pattern = facts.profile?.pattern ?? null
  if (pattern === 'ISODate' || pattern === 'ISOTimestamp' || pattern === 'Time') return 'DateTime'
  if (pattern === 'JSON') return 'Nested'
  if (facts.isUnique && !namingTokens.has(last)) return 'Identifier'
  return dateTokens.has(last) && facts.clarity === 1 && tokens.length > 1 && last !== 'day' ? 'DateTime' : 'Text'
}

function isFlag(facts: ColumnFacts, tokens: readonly string[]): boolean {
  const named =
    flagTokens.has(tokens.at(-1) ?? '') || flagStarts.has(tokens.find((token) => token !== facts.table.prefix) ?? '')
  if (named) return facts.values.length <= 3
  const { values } = facts
  if (values.length !== 2 || facts.valuesAreClosed === false) return false
  return /^(?:y,n|n,y|yes,no|no,yes|t,f|f,t|true,false|false,true|0,1|1,0|j,n|n,j)$/i.test(values.join(','))
}

function isCode(facts: ColumnFacts, last: string): boolean {
  const { profile, values, family } = facts
  if (facts.isUnique || facts.keyPartners.length > 0) return false
  const pattern = profile?.pattern ?? null
  if (pattern === 'CountryCode' || pattern === 'CurrencyCode') return true
  if (isNumeric(family)) {
    if (family === 'Decimal') return false
    if (codeTokens.has(last))
      return values.length > 0 || facts.clarity < 1 || last === 'code' || last === 'cd' || last === 'status'
    return facts.clarity < 0.5 && values.length > 0 && values.length <= 12
  }
  if (facts.valuesAreClosed) return true
  if (codeTokens.has(last)) return profile === null || profile.pattern !== 'FreeText' || values.length > 0
  if (namingTokens.has(last)) return false
  if (values.length === 0 || values.length > 12) return false
  const rows = profile?.frequencies.reduce((sum, { rows: count }) => sum + count, 0) ?? 0
  return rows >= values.length * 5 && values.every((value) => value.length <= 24)
}
