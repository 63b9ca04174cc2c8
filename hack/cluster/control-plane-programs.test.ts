import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { downloadPlatform } from './control-plane-download.ts'
import { findControlPlanePrograms, programCacheDir } from './control-plane-programs.ts'
import { etcdVersion, kubernetesVersion } from './kubernetes-version.ts'
import { programNames } from './program-names.ts'
import { type Progress, silentProgress } from './progress.ts'

let dir: string
let server: Server
let files: Map<string, Buffer>
let requests: string[]

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'amx-programs-'))
  files = new Map()
  requests = []
  server = createServer((request, response) => {
    requests.push(request.url ?? '')
    const content = files.get(request.url ?? '')
    response.writeHead(content === undefined ? 404 : 200).end(content)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
})

afterEach(async () => {
  server.close()
  await once(server, 'close')
  rmSync(dir, { recursive: true, force: true })
})

function sites() {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the site does not listen')
  const url = `http://127.0.0.1:${address.port}`
  return { kubernetes: `${url}/kubernetes`, etcd: `${url}/etcd` }
}

const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex')
const architecture = downloadPlatform('linux', process.arch) ?? 'amd64'

/** A site that has every program, each a script that says its name. */
function publishAll(): void {
  const script = (name: string) => Buffer.from(`#!/bin/sh\necho ${name}\n`)
  for (const name of programNames.filter((each) => each !== 'etcd')) {
    const path = `/kubernetes/v${kubernetesVersion}/bin/linux/${architecture}/${name}`
    files.set(path, script(name))
    files.set(`${path}.sha256`, Buffer.from(sha256(script(name))))
  }
  const folder = `etcd-v${etcdVersion}-linux-${architecture}`
  mkdirSync(join(dir, 'archive', folder), { recursive: true })
  writeFileSync(join(dir, 'archive', folder, 'etcd'), script('etcd'))
  spawnSync('tar', ['-czf', 'etcd.tar.gz', folder], { cwd: join(dir, 'archive') })
  const archive = readFileSync(join(dir, 'archive', 'etcd.tar.gz'))
  files.set(`/etcd/v${etcdVersion}/${folder}.tar.gz`, archive)
  files.set(`/etcd/v${etcdVersion}/SHA256SUMS`, Buffer.from(`${sha256(archive)}  ${folder}.tar.gz\n`))
}

/** An environment whose cache is empty. */
function bareEnvironment(more: Record<string, string> = {}): NodeJS.ProcessEnv {
  return { XDG_CACHE_HOME: join(dir, 'cache'), ...more }
}

function folderWith(names: readonly string[]): string {
  const folder = mkdtempSync(join(dir, 'assets-'))
  for (const name of names) writeFileSync(join(folder, name), '', { mode: 0o755 })
  return folder
}

const onLinux = process.platform === 'linux'

test('KUBEBUILDER_ASSETS with all programs is used as it is', async () => {
  const folder = folderWith(programNames)
  const env = bareEnvironment({ KUBEBUILDER_ASSETS: folder })
  const found = await findControlPlanePrograms({ progress: silentProgress, env, sites: sites() })
  expect(found).toEqual({ dir: folder, origin: 'KUBEBUILDER_ASSETS' })
  expect(requests).toEqual([])
})

test('KUBEBUILDER_ASSETS without a controller manager is not used, which is said', async () => {
  const lines: string[] = []
  const progress: Progress = { ...silentProgress, say: (line) => lines.push(line) }
  const env = bareEnvironment({ KUBEBUILDER_ASSETS: folderWith(['etcd', 'kube-apiserver', 'kubectl']) })
  mkdirSync(programCacheDir(env), { recursive: true })
  for (const name of programNames) writeFileSync(join(programCacheDir(env), name), '', { mode: 0o755 })
  expect((await findControlPlanePrograms({ progress, env, sites: sites() })).origin).toBe('cache')
  expect(lines).toEqual([expect.stringContaining('has no kube-controller-manager, kube-scheduler')])
})

test.runIf(onLinux)('programs are downloaded once, and found in the cache from then on', async () => {
  publishAll()
  const env = bareEnvironment()
  // What a process that was killed has left.
  mkdirSync(`${programCacheDir(env)}.partial-abc`, { recursive: true })
  const options = { progress: silentProgress, env, sites: sites() }
  const both = await Promise.all([findControlPlanePrograms(options), findControlPlanePrograms(options)])
  expect(both.map(({ origin }) => origin).toSorted()).toEqual(['cache', 'download'])
  for (const name of programNames) {
    expect(spawnSync(join(programCacheDir(env), name), { encoding: 'utf8' }).stdout).toBe(`${name}\n`)
  }
  expect(new Set(requests).size).toBe(requests.length)
  expect(readdirSync(join(dir, 'cache', 'amx', 'kubernetes'))).toEqual([kubernetesVersion])
})

test.runIf(onLinux)('a program that is not the published one is refused, and nothing of it stays', async () => {
  publishAll()
  const path = `/kubernetes/v${kubernetesVersion}/bin/linux/${architecture}/kube-scheduler`
  files.set(path, Buffer.from('something else'))
  const lines: string[] = []
  const progress: Progress = { ...silentProgress, say: (line) => lines.push(line) }
  const findToolchain = () => undefined
  const wanted = findControlPlanePrograms({ progress, env: bareEnvironment(), sites: sites(), findToolchain })
  await expect(wanted).rejects.toThrow('neither Go nor a Docker engine')
  expect(lines).toEqual([expect.stringContaining('kube-scheduler is not the file whose SHA-256 is published')])
  expect(readdirSync(join(dir, 'cache', 'amx', 'kubernetes'))).toEqual([])
})

test('the versions are those that a build would have', () => {
  const module = readFileSync(join(import.meta.dirname, 'multicall', 'go.mod'), 'utf8')
  expect(module).toContain(`k8s.io/kubernetes v${kubernetesVersion}\n`)
  expect(module).toContain(`go.etcd.io/etcd/server/v3 v${etcdVersion}\n`)
})

test.each([
  ['linux', 'x64', 'amd64'],
  ['linux', 'arm64', 'arm64'],
  ['linux', 'ppc64', undefined],
  ['darwin', 'arm64', undefined],
] as const)('a download for %s on %s is one for %s', (platform, arch, expected) => {
  expect(downloadPlatform(platform, arch)).toBe(expected)
})
