import { mkdtempSync, writeFileSync } from 'node:fs'
import type { RequestOptions } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { loadKubeConfig } from './load-kube-config.ts'

const folder = mkdtempSync(join(tmpdir(), 'amx-kubeconfig-'))

afterEach(() => vi.unstubAllEnvs())

test('signs in with the token of the file a user names', async () => {
  const path = join(folder, 'kubeconfig')
  const tokenFile = join(folder, 'token')
  writeFileSync(tokenFile, 'the-token')
  writeFileSync(
    path,
    `apiVersion: v1
kind: Config
current-context: pod
clusters: [{name: c, cluster: {server: 'https://127.0.0.1:1'}}]
users: [{name: u, user: {tokenFile: ${tokenFile}}}]
contexts: [{name: pod, context: {cluster: c, user: u, namespace: here}}]
`,
  )
  vi.stubEnv('KUBECONFIG', path)
  const options: RequestOptions = { headers: {} }
  await loadKubeConfig().applyToHTTPSOptions(options)
  expect(options.headers).toMatchObject({ Authorization: 'Bearer the-token' })
})
