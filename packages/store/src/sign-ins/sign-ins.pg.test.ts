import { expect, test } from 'vitest'
import { openStores } from '../testing/store-fixture.ts'

const sealed = Buffer.from('sealed')

test('a code is taken once, and is no session', async () => {
  const { server } = await openStores()
  await server.keepSignIn({ digest: 'a', kind: 'Code', sealed, lifetimeMs: 60_000 })
  expect(await server.findSession('a')).toBeNull()
  const taken = await Promise.all([server.takeSignInCode('a'), server.takeSignInCode('a')])
  expect(taken.filter((one) => one !== null).map((one) => Buffer.from(one).toString())).toEqual(['sealed'])
})

test('a session is found until it ends or is ended, and no code', async () => {
  const { server, query } = await openStores()
  await server.keepSignIn({ digest: 's', kind: 'Session', sealed, lifetimeMs: 60_000 })
  await server.keepSignIn({ digest: 'old', kind: 'Session', sealed, lifetimeMs: -1 })
  expect(await server.takeSignInCode('s')).toBeNull()
  expect((await server.findSession('s'))?.expiresAt.getTime()).toBeGreaterThan(Date.now())
  expect(await server.findSession('old')).toBeNull()
  await server.keepSignIn({ digest: 'next', kind: 'Code', sealed, lifetimeMs: 60_000 })
  expect(await query('select digest from amx.sign_ins order by 1')).toEqual([{ digest: 'next' }, { digest: 's' }])
  await server.endSession('s')
  expect(await server.findSession('s')).toBeNull()
})
