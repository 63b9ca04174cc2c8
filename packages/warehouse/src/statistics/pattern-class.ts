import type { PatternClass } from '@amx/api'

const patterns: readonly (readonly [PatternClass, RegExp])[] = [
  ['Email', /^[^\s@<>"]{1,64}@[^\s@<>"]+\.[\p{L}\d-]{2,}$/u],
  ['UUID', /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i],
  ['URL', /^[a-z][a-z\d+.-]{1,15}:\/\/\S+$/i],
  [
    'IPAddress',
    /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|(?=\/|$))){4}(?:\/\d{1,2})?$|^(?=.*::|(?:.*:){7})[0-9a-f:.]{3,45}(?:\/\d{1,3})?$/i,
  ],
  ['ISOTimestamp', /^-?\d{4,6}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d(?::?\d\d)?)?(?: BC)?$/],
  ['ISODate', /^-?\d{4,6}-\d\d-\d\d(?: BC)?$/],
  ['Time', /^\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:[+-]\d\d(?::?\d\d)?)?$/],
  ['Boolean', /^(?:true|false|yes|no|t|f|y|n)$/i],
  ['Integer', /^[+-]?\d{1,30}$/],
  ['Decimal', /^[+-]?(?:\d+\.\d*|\.\d+|\d+)(?:e[+-]?\d+)?$/i],
  ['IBAN', /^[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}$/],
  ['Phone', /^(?:\+|00|\(|0)[\d\s()./-]{6,22}\d$/],
  ['Hex', /^(?:\\x|0x)[0-9a-f]*$|^(?=.*\d)[0-9a-f]{16,}$/i],
  ['Code', /^(?=.{1,40}$)[\p{L}\d]+(?:[-_./#:][\p{L}\d]+)*$/u],
]

/** ISO 4217 codes in common use: three capital letters alone could be any code. */
const currencies = new Set(
  'AED ARS AUD BGN BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR ISK JPY KRW MAD MXN MYR NOK NZD PEN PHP PKR PLN RON RSD RUB SAR SEK SGD THB TRY TWD UAH USD VND ZAR'.split(
    ' ',
  ),
)

const countries = new Set(
  'AD AE AF AG AL AM AO AR AT AU AZ BA BD BE BG BH BO BR BY CA CH CL CN CO CR CU CY CZ DE DK DO DZ EC EE EG ES ET FI FR GB GE GH GR GT HK HN HR HU ID IE IL IN IQ IR IS IT JM JO JP KE KR KW KZ LB LI LK LT LU LV LY MA MC MD ME MK MT MX MY NG NI NL NO NP NZ OM PA PE PH PK PL PS PT PY QA RO RS RU SA SE SG SI SK SN SV SY TH TN TR TW TZ UA UG US UY UZ VE VN YE ZA ZM ZW'.split(
    ' ',
  ),
)

/** Values looked at; more do not change the answer. */
const looked = 200
/** Part of the values that must agree before a column is said to have a pattern. */
const agreement = 0.9

/** What values look like, from some distinct ones; null without values. */
export function patternClass(values: readonly string[]): PatternClass | null {
  const sample = values.filter((value) => value.trim() !== '').slice(0, looked)
  if (sample.length === 0) return null
  if (agrees(sample, (value) => currencies.has(value))) return 'CurrencyCode'
  if (agrees(sample, (value) => countries.has(value))) return 'CountryCode'
  const classes = sample.map(valuePattern)
  const counts = new Map<PatternClass, number>()
  for (const found of classes) counts.set(found, (counts.get(found) ?? 0) + 1)
  const integers = counts.get('Integer') ?? 0
  const decimals = counts.get('Decimal') ?? 0
  if (decimals > 0 && integers + decimals >= agreement * sample.length) return 'Decimal'
  for (const [found, count] of counts) if (count >= agreement * sample.length) return found
  const words = (counts.get('FreeText') ?? 0) + (counts.get('Code') ?? 0)
  return words >= agreement * sample.length ? 'FreeText' : 'Mixed'
}

/** What one value looks like. */
export function valuePattern(value: string): PatternClass {
  if (/^[[{]/.test(value) && isJson(value)) return 'JSON'
  for (const [name, pattern] of patterns) if (pattern.test(value)) return name
  return 'FreeText'
}

function agrees(values: readonly string[], test: (value: string) => boolean): boolean {
  return values.filter(test).length >= agreement * values.length
}

function isJson(value: string): boolean {
  try {
    JSON.parse(value)
    return true
  } catch {
    return false
  }
}
