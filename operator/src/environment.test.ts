import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readOperatorEnvironment } from './environment.ts'

const needed = { AMX_STORE_URL: 'postgresql://amx@db/amx', AMX_SERVER_URL: 'http://amx-server:8080/' }

it('needs the store and the server, and has defaults for the rest', () => {
  expect(readOperatorEnvironment(needed)).toEqual({
    storeUrl: 'postgresql://amx@db/amx',
    serverUrl: 'http://amx-server:8080',
    workerImage: 'amx.dev/worker:0.1.0',
    workerServiceAccount: null,
    health: { host: '127.0.0.1', port: 8082 },
    leaderNamespace: 'amx-system',
    watchNamespaces: [],
    priceFile: null,
    logLevel: 'info',
  })
})

it('reads the URL of the store from a file, so that it can come from a Secret', () => {
  const file = join(tmpdir(), `amx-store-url-${process.pid}`)
  writeFileSync(file, 'postgresql://secret@db/amx\n')
  expect(readOperatorEnvironment({ ...needed, AMX_STORE_URL: '', AMX_STORE_URL_FILE: file }).storeUrl).toBe(
    'postgresql://secret@db/amx',
  )
})

it('watches the namespaces it is given', () => {
  expect(readOperatorEnvironment({ ...needed, AMX_WATCH_NAMESPACES: 'team-a, team-b,' }).watchNamespaces).toEqual([
    'team-a',
    'team-b',
  ])
})

it.each([
  ['AMX_STORE_URL', { AMX_SERVER_URL: 'http://x' }],
  ['AMX_SERVER_URL', { AMX_STORE_URL: 'postgresql://x' }],
  ['AMX_HEALTH_PORT', { ...needed, AMX_HEALTH_PORT: 'http' }],
])('names %s when it is missing or wrong', (name, env) => {
  expect(() => readOperatorEnvironment(env)).toThrow(name)
})
