import { escapeLiteral } from 'pg'

/**
 * SQL expressions for the value of a column in row `i`. What looks random depends on the row number and on a label
 * alone, so that every server makes the same rows: `hashint8extended` is what hash partitions are routed by, and has
 * to stay as it is for their sake.
 */

function seedOf(label: string): number {
  let hash = 0x811c9dc5
  for (const character of label) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193)
  return hash >>> 0
}

/** A number in [0, 1). */
export function drawn(label: string, row = 'i'): string {
  return `(((hashint8extended(${row}, ${seedOf(label)}) >> 12) & 4503599627370495) / 4503599627370496::float8)`
}

/** A whole number from `least` to `most`. */
export function whole(label: string, least: number, most: number, row = 'i'): string {
  return `(${least} + floor(${drawn(label, row)} * ${most - least + 1})::int)`
}

/** A whole number from 1 to `most`, small ones far more often. */
export function skewed(label: string, most: number, row = 'i'): string {
  return `(1 + floor(power(${drawn(label, row)}, 2) * ${most})::int)`
}

/** A decimal number from `least` to `most`. */
export function decimal(label: string, least: number, most: number, scale = 2): string {
  return `round((${least} + ${drawn(label)} * ${most - least})::numeric, ${scale})`
}

/** One of the texts; one that stands twice comes twice as often. */
export function pick(label: string, texts: readonly string[], row = 'i'): string {
  return `(ARRAY[${texts.map((text) => escapeLiteral(text)).join(',')}])[${whole(label, 1, texts.length, row)}]`
}

/** A day within `days` after the first one. */
export function day(label: string, first: string, days: number): string {
  return `(date '${first}' + ${whole(label, 0, days)})`
}

/** A moment within `days` after midnight UTC of the first one. */
export function moment(label: string, first: string, days: number): string {
  return `(timestamptz '${first} 00:00:00+00' + make_interval(secs => ${whole(label, 0, days * 86_400)}))`
}

/** The value in a share of the rows, NULL in the others. */
export function sometimes(label: string, share: number, value: string): string {
  return `CASE WHEN ${drawn(`${label}?`)} < ${share} THEN ${value} END`
}

/** True in a share of the rows. */
export function chance(label: string, share: number): string {
  return `(${drawn(label)} < ${share})`
}

/** The digits of the number, with zeros in front. */
export function padded(value: string, digits: number): string {
  return `lpad((${value})::text, ${digits}, '0')`
}

/** A UUID. */
export function uuid(label: string, row = 'i'): string {
  return `md5(${escapeLiteral(`${label}:`)} || ${row})::uuid`
}

// Persons are put together from syllables; the domains are reserved for examples (RFC 2606), the telephone numbers
// begin with a prefix nobody has, and check digits 00 are never given to an account.

const firstSyllables = ['Ma', 'Lo', 'Ti', 'Ser', 'Ka', 'Wen', 'Ol', 'Bri', 'Du', 'Fe', 'Ju', 'No']
const secondSyllables = ['ra', 'lin', 'no', 'va', 'mira', 'del', 'ko', 'win', 'ta', 'su', 'riel', 'ne']
const familyBeginnings = [
  'Brom',
  'Lind',
  'Ost',
  'Farn',
  'Quell',
  'Moor',
  'Tann',
  'Wiesen',
  'Hasel',
  'Ried',
  'Alm',
  'Erl',
]
const familyEndings = ['ek', 'ner', 'hof', 'bach', 'by', 'wald', 'sen', 'tal', 'feld', 'gren', 'ow', 'stedt']

/** A given name nobody was asked for. */
export function givenName(person: string, row = 'i'): string {
  return `${pick(`${person} given 1`, firstSyllables, row)} || ${pick(`${person} given 2`, secondSyllables, row)}`
}

/** A family name put together in the same way. */
export function familyName(person: string, row = 'i'): string {
  return `${pick(`${person} family 1`, familyBeginnings, row)} || ${pick(`${person} family 2`, familyEndings, row)}`
}

/** An address that leads nowhere, made of the person's names and the row. */
export function email(person: string): string {
  const host = pick(`${person} host`, ['example.com', 'example.com', 'example.org', 'example.net'])
  return `lower(${givenName(person)} || '.' || ${familyName(person)}) || i || '@' || ${host}`
}

/** A telephone number that leads nowhere. */
export function phone(label: string): string {
  return `'+49 555 ' || ${padded(whole(label, 0, 9_999_999), 7)}`
}

/** An account number in the form of an IBAN, never a valid one. */
export function ibanLike(label: string): string {
  return `'DE00' || ${padded(whole(`${label} bank`, 10_000_000, 99_999_999), 8)} || ${padded(whole(`${label} account`, 0, 999_999_999), 10)}`
}
