import { expect, test } from 'vitest'
import { redactText, redactValue } from './redact.ts'

const planted = 'PLANTED0123456789abcdef'

test.each([
  `postgresql://amx:${planted}@db.example.com:5432/store failed`,
  `Authorization: Bearer ${planted}`,
  `{"authorization":"Basic ${planted}"}`,
  `the key sk-proj-${planted} is not valid`,
  `password=${planted} host=db`,
  `{"password": "${planted}"}`,
  `api_key: '${planted}'`,
  `token eyJhbGciOi.${planted}.${planted} expired`,
  `-----BEGIN EC PRIVATE KEY-----\n${planted}\n-----END EC PRIVATE KEY-----`,
  `-----BEGIN PRIVATE KEY-----\n${planted}`,
])('a secret in running text is taken out: %s', (text) => {
  expect(redactText(text)).not.toContain(planted)
})

test.each(['3 tokens used', 'run "nightly" is Pending', 'https://api.example.com/v1', 'Secret reader does not exist'])(
  'what is no secret stays: %s',
  (text) => {
    expect(redactText(text)).toBe(text)
  },
)

const object = {
  metadata: {
    name: 'prod',
    managedFields: [1],
    annotations: { 'kubectl.kubernetes.io/last-applied-configuration': planted, note: `Bearer ${planted}` },
  },
  spec: {
    baseURL: `https://u:${planted}@host`,
    apiKeySecretRef: { name: 'reader', key: 'apiKey' },
    password: planted,
    maxOutputTokens: 100,
    items: [{ asset: 'a.b.c', verdict: 'Accept', text: 'A hand-written text.' }],
  },
}

test('a value keeps its shape and its references, and loses secrets and texts', () => {
  const redacted = redactValue(object, { texts: 'Removed' })
  expect(JSON.stringify(redacted)).not.toContain(planted)
  expect(redacted).toEqual({
    metadata: { name: 'prod', annotations: { note: 'Bearer [removed]' } },
    spec: {
      baseURL: 'https://[removed]@host',
      apiKeySecretRef: { name: 'reader', key: 'apiKey' },
      password: '[removed]',
      maxOutputTokens: 100,
      items: [{ asset: 'a.b.c', verdict: 'Accept', text: '[text of 20 characters removed]' }],
    },
  })
})

test('texts stay where they are wanted; secrets never do', () => {
  const redacted = JSON.stringify(redactValue(object, { texts: 'Included' }))
  expect(redacted).toContain('A hand-written text.')
  expect(redacted).not.toContain(planted)
})
