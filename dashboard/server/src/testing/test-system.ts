import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { callApiServer, rigKubeConfigPath, startPostgres, testNamespace } from '@amx/hack'
import { type OperatorStore, openOperatorStore } from '@amx/store'
import type { RunningServer } from '../start-server.ts'
import { startTestServer } from './test-server.ts'

/** A server over a store of its own, the operator's side of that store, and a namespace. */
export interface TestSystem {
  readonly server: RunningServer
  readonly operator: OperatorStore
  readonly namespace: string
  close(): Promise<void>
}

/** Starts what the routes of pods are tested against; `name` goes into the names of its folder and its namespace. */
export async function startTestSystem(name: string): Promise<TestSystem> {
  const dataDir = mkdtempSync(join(tmpdir(), `amx-${name}-`))
  const postgres = await startPostgres({ dataDir })
  const server = await startTestServer(postgres.url)
  const operator = openOperatorStore({ url: postgres.url })
  return {
    server,
    operator,
    namespace: await testNamespace({ prefix: name }),
    async close() {
      await operator.close()
      await server.stop()
      await postgres.stop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** What the API server answers about an object it made, as far as tests look at it. */
export interface CreatedObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly uid: string }
  readonly status?: { readonly token?: string }
}

/** Creates an object as the administrator of the rig. Throws with the words of the API server. */
export async function createObject(path: string, body: object): Promise<CreatedObject> {
  const answer = await callApiServer(rigKubeConfigPath(), 'POST', path, body)
  if (answer.status >= 300) throw new Error(`${path}: ${answer.body}`)
  return JSON.parse(answer.body)
}
