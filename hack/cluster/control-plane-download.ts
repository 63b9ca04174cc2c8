import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, createWriteStream, renameSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { etcdVersion, kubernetesVersion } from './kubernetes-version.ts'
import { type ProgramName, programNames } from './program-names.ts'

/** Where the projects publish their programs. */
export interface DownloadSites {
  kubernetes: string
  etcd: string
}

export const publicSites: DownloadSites = {
  kubernetes: 'https://dl.k8s.io/release',
  etcd: 'https://github.com/etcd-io/etcd/releases/download',
}

const firstAnswerMs = 3_000
const downloadMs = 300_000

/** The platform in the words of a Go project; undefined where no server programs are published, which is all but Linux. */
export function downloadPlatform(platform: NodeJS.Platform, arch: string): string | undefined {
  if (platform !== 'linux') return undefined
  return { x64: 'amd64', arm64: 'arm64' }[arch]
}

/**
 * Downloads all programs of the control plane to a folder, each checked against its published SHA-256: about 250 MB.
 * Throws when a site does not answer within three seconds, does not have a file, or sends another one.
 */
export async function downloadPrograms(options: {
  outDir: string
  architecture: string
  sites?: DownloadSites
  signal?: AbortSignal | undefined
}): Promise<void> {
  const { outDir, architecture } = options
  // One failure ends the other downloads: their folder is about to go.
  const failure = new AbortController()
  const signal = options.signal === undefined ? failure.signal : AbortSignal.any([options.signal, failure.signal])
  const sites = options.sites ?? publicSites
  const digests = await etcdDigests(sites, signal)
  const fromKubernetes = programNames.filter((name) => name !== 'etcd')
  const folder = `${sites.kubernetes}/v${kubernetesVersion}/bin/linux/${architecture}`
  // All small files first: a machine without a network must learn of it before anything is on its disk.
  const wanted = await Promise.all(
    fromKubernetes.map(async (name) => ({ name, digest: await text(`${folder}/${name}.sha256`, signal) })),
  )
  const archive = `etcd-v${etcdVersion}-linux-${architecture}.tar.gz`
  const downloads = [
    ...wanted.map(({ name, digest }) => download(`${folder}/${name}`, digest.trim(), join(outDir, name), signal)),
    download(`${sites.etcd}/v${etcdVersion}/${archive}`, digests.get(archive), join(outDir, archive), signal),
  ]
  try {
    await Promise.all(downloads)
  } catch (error) {
    failure.abort()
    await Promise.allSettled(downloads)
    throw error
  }
  unpackEtcd(outDir, archive)
  for (const name of programNames) chmodSync(join(outDir, name satisfies ProgramName), 0o755)
}

async function etcdDigests(sites: DownloadSites, signal: AbortSignal | undefined): Promise<Map<string, string>> {
  const sums = await text(`${sites.etcd}/v${etcdVersion}/SHA256SUMS`, signal)
  return new Map(
    sums
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .flatMap(([digest, name]) => (digest && name ? [[name, digest] as const] : [])),
  )
}

async function text(url: string, signal: AbortSignal | undefined): Promise<string> {
  const response = await fetch(url, { signal: within(firstAnswerMs, signal) })
  if (!response.ok) throw new Error(`${url}: HTTP ${response.status}`)
  return await response.text()
}

async function download(
  url: string,
  digest: string | undefined,
  path: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (digest === undefined) throw new Error(`${url} has no published SHA-256`)
  const response = await fetch(url, { signal: within(downloadMs, signal) })
  if (!response.ok || response.body === null) throw new Error(`${url}: HTTP ${response.status}`)
  const hash = createHash('sha256')
  const observe = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      done(null, chunk)
    },
  })
  await pipeline(Readable.fromWeb(response.body), observe, createWriteStream(path))
  if (hash.digest('hex') !== digest) throw new Error(`${url} is not the file whose SHA-256 is published`)
}

function unpackEtcd(outDir: string, archive: string): void {
  const member = `${basename(archive, '.tar.gz')}/etcd`
  const done = spawnSync('tar', ['-xzf', archive, member], { cwd: outDir, encoding: 'utf8' })
  if (done.status !== 0) throw new Error(`tar could not unpack ${archive}: ${done.stderr}`)
  renameSync(join(outDir, member), join(outDir, 'etcd'))
  for (const leftover of [archive, basename(archive, '.tar.gz')]) {
    rmSync(join(outDir, leftover), { recursive: true })
  }
}

function within(limitMs: number, signal: AbortSignal | undefined): AbortSignal {
  const limit = AbortSignal.timeout(limitMs)
  return signal === undefined ? limit : AbortSignal.any([limit, signal])
}
