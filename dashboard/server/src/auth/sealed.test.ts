import { expect, test } from 'vitest'
import { createSecret, digestOf, seal, unseal } from './sealed.ts'

test('what is sealed is read with its secret alone', () => {
  const secret = createSecret()
  const sealed = seal(secret, { token: 'größe' })
  expect(Buffer.from(sealed).includes('größe')).toBe(false)
  expect(unseal(secret, sealed)).toEqual({ token: 'größe' })
  expect(() => unseal(createSecret(), sealed)).toThrow()
})

test('a changed byte is noticed', () => {
  const secret = createSecret()
  const sealed = Buffer.from(seal(secret, 'x'))
  sealed[sealed.length - 1] = (sealed.at(-1) ?? 0) ^ 1
  expect(() => unseal(secret, sealed)).toThrow()
})

test('a secret has one digest, which is not the secret', () => {
  const secret = createSecret()
  expect(digestOf(secret)).toBe(digestOf(secret))
  expect(digestOf(secret)).not.toContain(secret)
  expect(digestOf(createSecret())).not.toBe(digestOf(secret))
})
