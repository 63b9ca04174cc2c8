import type { Condition, ErrorReport } from '@amx/api'
import { expect, test } from 'vitest'
import type { Asked, Check } from './check.ts'
import { profileChecks, type SeenProfile } from './profile-checks.ts'

const now = new Date('2026-11-21T08:00:00Z')
const lastTestTime = '2026-11-21T07:55:00Z'
const refused: ErrorReport = { code: 'AMX-2002', message: 'password refused', remedy: 'Correct the Secret.' }
const stuck: ErrorReport = { code: 'AMX-4003', message: 'no pod', remedy: 'Pull the image.' }
const owns: ErrorReport = { code: 'AMX-1095', message: '1 of 2 tables', remedy: 'Grant the roles.' }

function condition(type: string, status: Condition['status'], reason = 'Tested'): Condition {
  return { type, status, reason, message: `${type} said.`, lastTransitionTime: '' }
}

function profile(conditions: readonly Condition[] | null, lastError?: ErrorReport): SeenProfile {
  const status =
    conditions === null ? undefined : { conditions: [...conditions], lastTestTime, ...(lastError && { lastError }) }
  const metadata = { name: 'prod', namespace: 'a', uid: 'u', creationTimestamp: '' } as SeenProfile['metadata']
  return { kind: 'DatabaseProfile', metadata, status }
}

const secret = (asked: Asked<unknown>) => [{ name: 'key', asked }]
const answer = (code: string): Asked<never> => ({ code, problem: 'no', remedy: 'Mend it.' })
const ready = condition('Ready', 'True')

test.each<[string, Check[], [Check['state'], string, string?][]]>([
  ['works', profileChecks(profile([ready]), [], now), [['Ok', 'prod, tested 5 min ago: Ready said.']]],
  [
    'works and writes',
    profileChecks(profile([ready, condition('Writable', 'True')]), [], now),
    [
      ['Ok', 'Ready said.'],
      ['Ok', 'Writable said.'],
    ],
  ],
  [
    'names no writer',
    profileChecks(profile([ready, condition('Writable', 'False', 'NoWriter')]), [], now),
    [['Ok', 'It names no writer.']],
  ],
  [
    'writes some tables',
    profileChecks(profile([ready, condition('Writable', 'False', 'WriterOwnsNotAll')], owns), [], now),
    [
      ['Ok', 'Ready said.'],
      ['Warn', '1 of 2 tables (AMX-1095)', 'Grant the roles.'],
    ],
  ],
  [
    'has a writer that cannot sign in',
    profileChecks(profile([ready, condition('Writable', 'False', 'WarehouseAuthenticationFailed')], refused), [], now),
    [
      ['Ok', 'Ready said.'],
      ['Fail', 'password refused (AMX-2002)', 'Correct the Secret.'],
    ],
  ],
  [
    'does not work',
    profileChecks(profile([condition('Ready', 'False', 'WarehouseAuthenticationFailed')], refused), [], now),
    [['Fail', 'password refused (AMX-2002)', 'Correct the Secret.']],
  ],
  [
    'does not work, its error being about something else',
    profileChecks(profile([condition('Ready', 'False', 'Other')], refused), [], now),
    [['Fail', 'Other: Ready said.', 'kubectl describe']],
  ],
  [
    'is about to be tested',
    profileChecks(profile([condition('Ready', 'Unknown', 'Testing')]), [], now),
    [['Skipped', 'not tested: Ready said.']],
  ],
  [
    'could not be tested again',
    profileChecks(profile([ready], stuck), [], now),
    [
      ['Ok', 'Ready said.'],
      ['Warn', 'prod: could not be tested: no pod (AMX-4003)', 'Pull the image.'],
    ],
  ],
  [
    'could never be tested',
    profileChecks(profile([condition('Ready', 'Unknown', 'PodCannotStart')], stuck), [], now),
    [['Warn', 'no pod (AMX-4003)', 'Pull the image.']],
  ],
  ['was never seen', profileChecks(profile(null), [], now), [['Skipped', 'prod: not tested: its Secrets are there']]],
  [
    'lacks its Secret',
    profileChecks(profile([ready]), secret(answer('AMX-1013')), now),
    [['Fail', 'Secret key does not exist', 'Create Secret key']],
  ],
  ['has a hidden Secret', profileChecks(profile([ready]), secret(answer('AMX-1012')), now), [['Ok', 'may not look']]],
])('a profile that %s', (_, checks, wanted) => {
  expect(checks.map(({ state }) => state)).toEqual(wanted.map(([state]) => state))
  for (const [index, [, words, remedy]] of wanted.entries()) {
    expect(checks[index]?.says).toContain(words)
    expect(checks[index]?.remedy ?? '').toContain(remedy ?? '')
    expect(checks[index]?.remedy === undefined).toBe(remedy === undefined)
  }
})
