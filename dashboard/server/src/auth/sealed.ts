import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'

const cipher = 'aes-256-gcm'
const nonceBytes = 12
const tagBytes = 16

/** A secret of 256 bits for a browser to keep, as text for a cookie or a link. */
export function createSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** What a secret is known by in the store; the secret cannot be told from it. */
export function digestOf(secret: string): string {
  return createHash('sha256').update(`amx sign-in ${secret}`).digest('base64url')
}

/** A value that can be read with the secret alone, and not be changed without it. */
export function seal(secret: string, value: unknown): Uint8Array {
  const nonce = randomBytes(nonceBytes)
  const sealing = createCipheriv(cipher, keyOf(secret), nonce)
  const text = Buffer.concat([sealing.update(JSON.stringify(value), 'utf8'), sealing.final()])
  return Buffer.concat([nonce, sealing.getAuthTag(), text])
}

/** The value of {@link seal}. Throws for another secret or changed bytes. */
export function unseal<Value>(secret: string, sealed: Uint8Array): Value {
  const bytes = Buffer.from(sealed)
  const opening = createDecipheriv(cipher, keyOf(secret), bytes.subarray(0, nonceBytes))
  opening.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes))
  const text = Buffer.concat([opening.update(bytes.subarray(nonceBytes + tagBytes)), opening.final()])
  return JSON.parse(text.toString('utf8')) as Value
}

function keyOf(secret: string): Buffer {
  return Buffer.from(hkdfSync('sha256', Buffer.from(secret, 'utf8'), '', 'amx sign-in key', 32))
}
