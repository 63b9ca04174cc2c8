import { expect, test } from 'vitest'
import { maskValue } from './mask-value.ts'

test.each([
  ['alice@example.com', 'a****@e******.com'],
  ['+49 301 2345', '+49 ### ####'],
  ['030 123456', '### ######'],
  ['https://example.com/users/42?q=Ada', 'https://e******.com/aaaaa/##?a=Aaa'],
  ['2024-05-17', '2024-##-##'],
  ['2024-05-17 10:30:00+00', '2024-##-## ##:##:##+##'],
  ['Ada Lovelace', 'Aaa Aaaaaaaa'],
  ['Größe 42', 'Aaaaa ##'],
  ['4821.50', '####.##'],
  ['-17', '-##'],
  ['NaN', 'NaN'],
  ['infinity', 'infinity'],
  ['0b7c8c9e-6f4a-4a0b-9d3e-0a1b2c3d4e5f', 'xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx'],
  ['{"name": "Ada", "born": 1815}', '{"name":"Aaa","born":"####"}'],
  ['{"ada@example.com": true}', '{"aaa@aaaaaaa.aaa":true}'],
  ['DE89370400440532013000', 'AA####################'],
  ['', ''],
  ['日本', 'aa'],
])('%s becomes %s', (value, mask) => {
  expect(maskValue(value)).toBe(mask)
})

test('a long value is told by its beginning', () => {
  expect(maskValue('word '.repeat(50))).toHaveLength(81)
})

test('no letter or digit of a text is left', () => {
  const mask = maskValue('Order 9981 of Zoë Quinn, PIN 7733')
  expect(mask).toBe('Aaaaa #### aa Aaa Aaaaa, AAA ####')
})
