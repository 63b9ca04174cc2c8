import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Finished, type Given, runCommandLine } from './command-fixture.ts'
import { type ServedRun, type StoredRun, serveResults } from './results-server-fixture.ts'

export interface StoredRunsFixture {
  /** A folder of this test's own. */
  readonly folder: string
  /** What a process of its own needs to ask the same. */
  readonly env: Readonly<Record<string, string>>
  readonly asked: readonly string[]
  readonly posted: readonly string[]
  amx(args: readonly string[], given?: Given): Promise<Finished>
  stop(): Promise<void>
}

/** Runs that the AMX server has kept, and the command line to ask about them; no cluster answers. Pages are short, so that there are several. For tests. */
export async function serveStoredRuns(
  runs: readonly StoredRun[],
  pageSize = 2,
  { versions = [], answers = {}, version }: Pick<ServedRun, 'versions' | 'answers' | 'version'> = {},
): Promise<StoredRunsFixture> {
  const folder = await mkdtemp(join(tmpdir(), 'amx-plugin-'))
  const rows = { rows: [], draftDigest: `sha256:${'a'.repeat(64)}` }
  const server = await serveResults({
    ...rows,
    runs,
    pageSize,
    versions,
    answers,
    ...(version !== undefined && { version }),
  })
  const kubeconfig = join(folder, 'kubeconfig')
  // The API server is where nothing listens, unless it is given answers: most commands must not need it.
  const apiServer = Object.keys(answers).some((path) => path.startsWith('/apis/')) ? server.url : 'https://127.0.0.1:9'
  const cluster = { name: 'c', cluster: { server: apiServer, 'insecure-skip-tls-verify': true } }
  const context = { name: 'x', context: { cluster: 'c', user: 'u', namespace: 'team-a' } }
  const user = { name: 'u', user: {} }
  const config = { apiVersion: 'v1', kind: 'Config', clusters: [cluster], contexts: [context], users: [user] }
  await writeFile(kubeconfig, JSON.stringify({ ...config, 'current-context': 'x' }))
  const env = { KUBECONFIG: kubeconfig, AMX_SERVER: server.url }
  return {
    folder,
    env,
    asked: server.asked,
    posted: server.posted,
    amx: (args, given = {}) => runCommandLine(args, { ...given, env: { ...env, ...given.env } }),
    async stop() {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
