/** What kind of values a type holds, whatever the backend calls it. */
export type TypeFamily =
  | 'Boolean'
  | 'Integer'
  | 'Decimal'
  | 'Date'
  | 'Timestamp'
  | 'Time'
  | 'Interval'
  | 'Text'
  | 'UUID'
  | 'Enumeration'
  | 'Nested'
  | 'Binary'
  | 'Other'

const families: readonly (readonly [RegExp, TypeFamily])[] = [
  [/\[\]$|^array|^_|json|xml|hstore|^struct|^map\b|^variant|^object|^super|^record|^row\b/, 'Nested'],
  [/^bool|^bit\(1\)|^bit$/, 'Boolean'],
  [/^(timestamp|datetime)/, 'Timestamp'],
  [/^date/, 'Date'],
  [/^time/, 'Time'],
  [/^interval/, 'Interval'],
  [/^(uuid|uniqueidentifier)/, 'UUID'],
  [/^(small|big|tiny|medium|huge)?int|^integer|^u?int\d+|^(small|big)?serial|^oid/, 'Integer'],
  [/^(numeric|decimal|real|double|float|money|number|bignumeric)/, 'Decimal'],
  [/^(text|varchar|char|character|string|nvarchar|nchar|bpchar|citext|clob|fixedstring|name|"char")/, 'Text'],
  [/^(bytea|binary|varbinary|blob|bytes|image|raw)/, 'Binary'],
]

/** The family of a type in the backend's own words, such as `numeric(12,2)`. */
export function typeFamilyOf(type: string, enumValues?: readonly string[]): TypeFamily {
  if (enumValues !== undefined && enumValues.length > 0) return 'Enumeration'
  const plain = type
    .trim()
    .toLowerCase()
    .replace(/^(nullable|lowcardinality)\((.*)\)$/, '$2')
  return families.find(([pattern]) => pattern.test(plain))?.[1] ?? 'Other'
}

/** Whether values of the family are points or spans in time. */
export function isTemporal(family: TypeFamily): boolean {
  return family === 'Date' || family === 'Timestamp' || family === 'Time' || family === 'Interval'
}

/** Whether values of the family are numbers. */
export function isNumeric(family: TypeFamily): boolean {
  return family === 'Integer' || family === 'Decimal'
}
