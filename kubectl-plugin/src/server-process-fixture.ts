import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type RunningPostgres, rigClientCa, rigKubeConfigPath, startPostgres } from '@amx/hack'
import { createServingCertificate } from '@amx/hack/cluster'

export interface ServerProcess {
  readonly url: string
  readonly tlsUrl: string
  readonly postgres: RunningPostgres
  stop(): Promise<void>
}

/** Starts the AMX server as a process of its own, on a store of its own, at the control plane of the test run. For tests. */
export async function startServerProcess(
  folder: string,
  options: { readonly servingNames?: readonly string[] } = {},
): Promise<ServerProcess> {
  const postgres = await startPostgres({ dataDir: join(folder, 'store') })
  const serving = await createServingCertificate(rigClientCa(), options.servingNames ?? [])
  const file = (name: string, content: string) => {
    const path = join(folder, name)
    writeFileSync(path, content, { mode: 0o600 })
    return path
  }
  const program = fileURLToPath(new URL('../../dashboard/server/src/main.ts', import.meta.url))
  const child = spawn(process.execPath, [program], {
    env: {
      PATH: process.env['PATH'],
      KUBECONFIG: rigKubeConfigPath(),
      AMX_LISTEN: '127.0.0.1:0',
      AMX_HEALTH_PORT: '0',
      AMX_STORE_URL: postgres.url,
      AMX_TLS_PORT: '0',
      AMX_TLS_CERT_FILE: file('server.crt', serving.certificate),
      AMX_TLS_KEY_FILE: file('server.key', serving.key),
      AMX_CLIENT_CA_FILE: file('client-ca.crt', rigClientCa().certificate),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let addresses: { url: string; tls: string } | null = null
  for await (const line of createInterface({ input: child.stdout })) {
    const { msg, ...facts } = JSON.parse(line) as { msg?: string; url: string; tls: string }
    if (msg === 'listening') addresses = facts
    if (msg === 'the store is ready') break
  }
  if (addresses === null) throw new Error('the server ended before it listened')
  child.stdout.resume()
  return {
    url: addresses.url,
    tlsUrl: addresses.tls,
    postgres,
    async stop() {
      if (child.exitCode === null) {
        child.kill('SIGTERM')
        await once(child, 'close')
      }
      await postgres.stop()
    },
  }
}
