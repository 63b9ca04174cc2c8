import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { checkoutDir } from '../cluster/index.ts'
import { type ArchivedFile, tarball } from './archive.ts'
import { krewManifest } from './krew-manifest.ts'
import { npmPackage } from './npm-package.ts'

interface ReleaseOptions {
  /** Folder to write to. */
  readonly target: string
  /** Where the archives will be found, without their names. */
  readonly baseUrl: string
  readonly homepage: string
}

/**
 * Builds the plugin and writes its npm package, its archives and its krew manifest; gives the files. The same sources give the
 * same bytes. Needs Go for the launcher of Windows. Throws with what a program printed when one fails.
 */
export async function releasePlugin({ target, baseUrl, homepage }: ReleaseOptions): Promise<string[]> {
  const plugin = join(checkoutDir, 'kubectl-plugin')
  const { version } = JSON.parse(await readFile(join(plugin, 'package.json'), 'utf8')) as { version: string }
  const built = await mkdtemp(join(tmpdir(), 'amx-release-'))
  try {
    run(process.execPath, [join(plugin, 'build.ts'), built], {})
    const file = async (name: string, path: string, mode = 0o644): Promise<ArchivedFile> => {
      return { name, mode, content: await readFile(path) }
    }
    const programs = [
      await file('kubectl-amx.mjs', join(built, 'kubectl-amx.mjs'), 0o755),
      await file('kubectl_complete-amx.mjs', join(built, 'kubectl_complete-amx.mjs'), 0o755),
    ]
    const papers = [
      await file('LICENSE', join(checkoutDir, 'LICENSE')),
      await file('THIRD-PARTY-NOTICES.txt', join(built, 'THIRD-PARTY-NOTICES.txt')),
    ]
    const launchers = await Promise.all(
      (['amd64'] as const).map(async (arch) => {
        const path = join(built, `kubectl-amx-${arch}.exe`)
        buildLauncher(path, arch)
        return file('kubectl-amx.exe', path, 0o755)
      }),
    )
    const everywhere = await tarball([...programs, ...papers])
    const windows = await tarball([...launchers, ...programs, ...papers])
    const named = (os: string, arch: string) => `kubectl-amx-v${version}-${os}-${arch}.tar.gz`
    const platforms = [
      ...(['linux', 'darwin'] as const).flatMap((os) =>
        (['amd64', 'arm64'] as const).map((arch) => ({ os, arch, content: everywhere, bin: 'kubectl-amx.mjs' })),
      ),
      { os: 'windows', arch: 'amd64', content: windows, bin: 'kubectl-amx.exe' } as const,
    ].map((platform) => ({ ...platform, name: named(platform.os, platform.arch), sha256: sha256(platform.content) }))
    const manifest = krewManifest({ version, baseUrl, homepage, platforms })
    const files = new Map<string, string | Buffer>([
      ...platforms.map(({ name, content }) => [name, content] as const),
      [`kubectl-amx-${version}.tgz`, await npmPackage({ version, homepage, programs, papers })],
      ['amx.yaml', stringify(manifest, { lineWidth: 0 })],
    ])
    const sums = [...files].map(([name, content]) => `${sha256(content)}  ${name}\n`).sort()
    files.set('SHA256SUMS', sums.join(''))
    await mkdir(target, { recursive: true })
    for (const [name, content] of files) await writeFile(join(target, name), content)
    return [...files.keys()].map((name) => join(target, name))
  } finally {
    await rm(built, { recursive: true, force: true })
  }
}

function buildLauncher(target: string, arch: string): void {
  const cwd = join(import.meta.dirname, 'windows-launcher')
  const env = { GOOS: 'windows', GOARCH: arch, CGO_ENABLED: '0', GOFLAGS: '-mod=mod', GOTOOLCHAIN: 'local' }
  run('go', ['build', '-trimpath', '-buildvcs=false', '-ldflags', '-s -w', '-o', target, '.'], { cwd, env })
}

function run(
  command: string,
  args: readonly string[],
  { cwd, env = {} }: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> },
): void {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, ...env },
    ...(cwd !== undefined && { cwd }),
  })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${error?.message ?? stdout + stderr}`)
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}
