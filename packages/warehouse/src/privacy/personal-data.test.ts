import { describe, expect, test } from 'vitest'
import { hasPersonalName, nameParts } from './personal-names.ts'
import { isPersonalValue, personalPattern } from './personal-values.ts'

describe('names', () => {
  test.each([
    'email',
    'EMail',
    'customer_email_2',
    'PhoneNumber',
    'first_name',
    'FirstName',
    'firstname',
    'date_of_birth',
    'DOB',
    'SSN',
    'nachname',
    'Straße',
    'prénom',
    'apellidos',
    'soyadı',
    'billing_address',
    'IPAddress',
    'password_hash',
    'IBAN',
    'credit_card_no',
    'home_phone',
    'PostalCode',
    'passport_id',
    'national_id',
    'tax_id',
  ])('%s is personal', (name) => {
    expect(hasPersonalName(['shop', 'thing', name])).toBe(true)
  })

  test.each([
    'emailing',
    'telescope',
    'status',
    'name',
    'product_name',
    'streetwear',
    'amount',
    'created_at',
    'mailbox_size',
    'pinned',
    'sexagesimal',
    'taxonomy',
    'description',
    'billing_address_id',
    'AddressType',
    'email_verified',
    'phone_count',
    'home_address_id',
    'password_changed_at',
  ])('%s is not', (name) => {
    expect(hasPersonalName(['shop', 'thing', name])).toBe(false)
  })

  test('a name is personal where the table is about people', () => {
    expect(hasPersonalName(['shop', 'customer', 'name'])).toBe(true)
    expect(hasPersonalName(['shop', 'crm_contacts', 'Name'])).toBe(true)
    expect(hasPersonalName(['shop', 'product', 'name'])).toBe(false)
  })

  test('names are read as words, whatever their style', () => {
    expect(nameParts('XMLHttpRequest_v2 Größe')).toEqual(['xml', 'http', 'request', 'v', 'grosse'])
  })
})

describe('values', () => {
  test.each([
    ['Email', ['ada@example.com', 'not one']],
    ['Email', ['call me at ada@example.com please', 'ok', 'fine']],
    ['IBAN', ['DE89 3704 0044 0532 0130 00', 'GB82WEST12345698765432']],
    ['PaymentCard', ['4111 1111 1111 1111', '5500005555555559']],
    ['SocialSecurityNumber', ['123-45-6789', '001-01-0001']],
    ['Phone', ['+49 30 1234567', '0171 1234567']],
  ])('%s', (pattern, values) => {
    expect(personalPattern(values)).toBe(pattern)
  })

  test.each([
    ['plain numbers', ['4111111111111112', '1234567890123']],
    ['an IBAN whose check digits are wrong', ['DE89370400440532013001']],
    ['dates', ['2024-01-31', '2024-02-01']],
    ['codes', ['A-100', 'B-200']],
    ['digits without a separator', ['1712345678', '302345678', '0001000017']],
    ['nothing', []],
  ])('%s are not', (_, values) => {
    expect(personalPattern(values)).toBeNull()
  })

  test('a chance hit of a checksum among plain numbers is not a card column', () => {
    const numbers = Array.from({ length: 100 }, (_, index) => String(4_000_000_000_000_000 + index * 7919))
    expect(numbers.some(isPersonalValue)).toBe(true)
    expect(personalPattern(numbers)).toBeNull()
  })
})
