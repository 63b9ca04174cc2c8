import { afterEach, expect, test } from 'vitest'
import { type StoredRunsFixture, serveStoredRuns } from '../../stored-runs-fixture.ts'

let fixture: StoredRunsFixture | undefined
afterEach(() => fixture?.stop())

const prices = { '/api/v1/prices': { version: 'a', models: [] } }

test('a server of another version is remarked once, beside the output', async () => {
  fixture = await serveStoredRuns([], 2, { answers: prices, version: '0.9.0' })
  const { code, stdout, stderr } = await fixture.amx(['prices', '-o', 'json'])
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ version: 'a' })
  expect(stderr).toMatch(/^note: the server has version 0\.9\.0 and this plugin \d.*Upgrade the plugin\.\n$/)
})

test('a server of the same version, and a wish for quiet, leave no remark', async () => {
  fixture = await serveStoredRuns([], 2, { answers: prices, version: '0.1.7' })
  expect((await fixture.amx(['prices', '-o', 'json'])).stderr).toBe('')
  await fixture.stop()
  fixture = await serveStoredRuns([], 2, { answers: prices, version: '0.9.0' })
  expect((await fixture.amx(['prices', '-o', 'json'], { env: { AMX_NO_VERSION_CHECK: '1' } })).stderr).toBe('')
})
