import { describe, expect, test } from 'vitest'
import { minimalDatabaseSpec } from './resource-fixtures.ts'
import { modelSecret, targetSecrets } from './stage-secrets.ts'

const profile = {
  ...minimalDatabaseSpec,
  postgresql: { host: 'pg', tls: { caSecretRef: { name: 'pg-ca', key: 'root.pem' } } },
  writerSecretRef: { name: 'writer' },
}

describe('each stage gets the credentials of its stage and no others', () => {
  test.each([
    ['profile', ['reader', 'pg-ca']],
    ['draft', []],
    ['apply', ['writer', 'pg-ca']],
  ] as const)('%s', (stage, names) => {
    expect(targetSecrets(stage, profile).map(({ secretName }) => secretName)).toEqual(names)
  })

  test('a read-only profile gives the apply stage nothing', () => {
    expect(targetSecrets('apply', minimalDatabaseSpec)).toEqual([])
  })

  test('the CA is found under its own key', () => {
    expect(targetSecrets('profile', profile)[1]?.items).toEqual([{ key: 'root.pem', file: 'ca.crt' }])
  })
})

test("the model's key goes to the draft stage only", () => {
  const model = { provider: 'OpenAI', model: 'gpt-4o', apiKeySecretRef: { name: 'openai' } } as const
  expect(modelSecret('draft', model)).toEqual({ secretName: 'openai', items: [{ key: 'apiKey', file: 'apiKey' }] })
  expect(modelSecret('profile', model)).toBeNull()
  expect(modelSecret('apply', model)).toBeNull()
  expect(modelSecret('draft', { provider: 'BuiltIn' })).toBeNull()
  expect(modelSecret('draft', null)).toBeNull()
})
