/** Kinds of personal data that values show by themselves. */
type PersonalPattern = 'Email' | 'Phone' | 'IBAN' | 'PaymentCard' | 'SocialSecurityNumber'

interface Detector {
  readonly pattern: PersonalPattern
  readonly test: (value: string) => boolean
  /** Part of the values that must match: chance hits of a checksum must not hide a column of plain numbers. */
  readonly share: number
}

const detectors: readonly Detector[] = [
  { pattern: 'Email', test: holdsEmail, share: 0.05 },
  { pattern: 'IBAN', test: isIban, share: 0.3 },
  { pattern: 'SocialSecurityNumber', test: isSocialSecurityNumber, share: 0.5 },
  { pattern: 'PaymentCard', test: isPaymentCard, share: 0.6 },
  { pattern: 'Phone', test: isPhone, share: 0.5 },
]

/** The kind of personal data that enough of the values show, or null. */
export function personalPattern(values: readonly string[]): PersonalPattern | null {
  if (values.length === 0) return null
  for (const { pattern, test, share } of detectors) {
    if (values.filter(test).length >= share * values.length) return pattern
  }
  return null
}

/** Whether one value by itself shows personal data. */
export function isPersonalValue(value: string): boolean {
  return detectors.some(({ test }) => test(value))
}

function holdsEmail(value: string): boolean {
  return /[\p{L}\d._%+-]{1,64}@[\p{L}\d-]+(?:\.[\p{L}\d-]+)*\.\p{L}{2,}/u.test(value)
}

/** ISO 13616: the number read as digits, its first four characters moved to the end, leaves 1 when divided by 97. */
function isIban(value: string): boolean {
  const text = value.replaceAll(' ', '')
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(text)) return false
  let remainder = 0
  for (const character of text.slice(4) + text.slice(0, 4)) {
    const digits = /\d/.test(character) ? character : String(character.charCodeAt(0) - 55)
    for (const digit of digits) remainder = (remainder * 10 + Number(digit)) % 97
  }
  return remainder === 1
}

/** 13 to 19 digits with a card network's first digit and a correct Luhn digit (ISO/IEC 7812). */
function isPaymentCard(value: string): boolean {
  if (!/^[3-6](?:[ -]?\d){12,18}$/.test(value)) return false
  const digits = value.replaceAll(/\D/g, '')
  let sum = 0
  for (let index = 0; index < digits.length; index += 1) {
    const digit = Number(digits[digits.length - 1 - index])
    const doubled = index % 2 === 1 ? digit * 2 : digit
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0
}

function isSocialSecurityNumber(value: string): boolean {
  return /^(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}$/.test(value)
}

// Digits alone are a number, not a phone: a prefix or a separator must say so. Dates look alike and are not.
function isPhone(value: string): boolean {
  if (/^\d{4}-\d\d-\d\d/.test(value)) return false
  const digits = value.replaceAll(/\D/g, '').length
  return digits >= 7 && digits <= 15 && /^(?:\+\d|00[1-9]\d{0,2}[ /-]|\(\d|0\d{1,5}[ /-])[\d\s()./-]+$/.test(value)
}
