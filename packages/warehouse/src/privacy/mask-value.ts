import { valuePattern } from '../statistics/pattern-class.ts'

/** Characters of a mask that are kept: the shape of a long text is its beginning. */
const maskCharacters = 80
const jsonKeys = 20

/**
 * The shape of a value without what it says: `a****@e******.com`, `+49 ### ####`, `Aaaa aaaa ##`, `{"id":##}`. Separators, lengths
 * and letter case stay; letters and digits do not, but for the marks that tell a kind: a URL's scheme, a phone's country, a year.
 */
export function maskValue(value: string): string {
  if (/^(?:NaN|-?infinity)$/i.test(value)) return value
  switch (valuePattern(value)) {
    case 'Email':
      return maskEmail(value)
    case 'Phone':
      return maskPhone(value)
    case 'URL':
      return maskUrl(value)
    case 'ISODate':
    case 'ISOTimestamp':
      return value.replace(/^(-?\d{4,6})(.*)$/s, (_, year: string, rest: string) => year + maskDigits(rest))
    case 'JSON':
      return shorten(maskJson(value))
    case 'UUID':
      return value.replaceAll(/[0-9a-f]/gi, 'x')
    case 'Boolean':
      return value
    default:
      return shorten(maskText(value))
  }
}

function maskEmail(value: string): string {
  const [local = '', domain = ''] = value.split('@')
  const dot = domain.lastIndexOf('.')
  return shorten(`${keepFirst(local)}@${keepFirst(domain.slice(0, dot))}${domain.slice(dot)}`)
}

function maskPhone(value: string): string {
  const country = /^(?:\+|00)\d{1,2}(?=\D)/.exec(value)?.[0] ?? ''
  return country + maskDigits(value.slice(country.length))
}

function maskUrl(value: string): string {
  const [, scheme = '', host = '', rest = ''] = /^([a-z][a-z\d+.-]*:\/\/)([^/?#]*)(.*)$/is.exec(value) ?? []
  const dot = host.lastIndexOf('.')
  const ending = dot === -1 ? '' : host.slice(dot)
  const shownEnding = /^\.\p{L}+$/u.test(ending) ? ending : maskText(ending)
  const shownHost = `${keepFirst(dot === -1 ? host : host.slice(0, dot))}${shownEnding}`
  return shorten(`${scheme}${shownHost}${maskText(rest)}`)
}

function maskJson(value: string): string {
  try {
    return JSON.stringify(shapeOf(JSON.parse(value)))
  } catch {
    return maskText(value)
  }
}

/** Keys that read as names of members stay; a key that could be data, such as an address, is masked as a value is. */
function shapeOf(value: unknown): unknown {
  if (typeof value === 'string') return maskText(value)
  if (typeof value === 'number') return maskDigits(String(value))
  if (Array.isArray(value)) return value.slice(0, 2).map(shapeOf)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).slice(0, jsonKeys)
  return Object.fromEntries(
    members.map(([key, member]) => [/^[a-z_][\w-]{0,40}$/i.test(key) ? key : maskText(key), shapeOf(member)]),
  )
}

function maskText(value: string): string {
  return maskDigits(value)
    .replaceAll(/\p{Lu}/gu, 'A')
    .replaceAll(/[\p{L}--A]/gv, 'a')
}

function maskDigits(value: string): string {
  return value.replaceAll(/\p{N}/gu, '#')
}

function keepFirst(text: string): string {
  const [first = '', ...rest] = text
  return first + '*'.repeat(rest.length)
}

function shorten(mask: string): string {
  return mask.length > maskCharacters ? `${mask.slice(0, maskCharacters)}…` : mask
}
