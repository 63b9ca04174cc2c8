import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { krewManifest } from './krew-manifest.ts'
import { releasePlugin } from './release-plugin.ts'

const hasGo = spawnSync('go', ['version']).status === 0
/** Node.js of the tests, and that of the machine where there is another. */
const nodes = [process.execPath, '/usr/bin/node', '/usr/local/bin/node'].filter(existsSync)

let folder: string
let released: string

function run(command: string, args: readonly string[], path = process.env['PATH'] ?? '') {
  const env = { PATH: path, HOME: folder, npm_config_cache: join(folder, 'empty-cache') }
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', cwd: folder, env })
  return { status, stdout, stderr }
}

describe.skipIf(!hasGo)('a release, which needs Go,', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'amx-released-'))
    released = join(folder, 'released')
    await releasePlugin({ target: released, baseUrl: 'https://example.com/v1/', homepage: 'https://example.com' })
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  test('is installed by npm from its file alone, and puts both programs on the PATH', async () => {
    const [tgz] = (await readFile(join(released, 'SHA256SUMS'), 'utf8')).match(/\S+\.tgz/) ?? []
    const prefix = join(folder, 'prefix')
    const installed = run('npm', ['install', '--global', '--offline', '--prefix', prefix, join(released, tgz ?? '')])
    expect(installed.stdout, installed.stderr).toContain('added 1 package')
    for (const node of nodes) {
      const path = `${dirname(node)}:/usr/bin:/bin`
      expect(run(join(prefix, 'bin', 'kubectl-amx'), ['version', '--client'], path)).toMatchObject({
        status: 0,
        stdout: expect.stringMatching(/^kubectl-amx \d+\.\d+\.\d+\n$/),
      })
      expect(run(join(prefix, 'bin', 'kubectl_complete-amx'), ['insp'], path).stdout).toMatch(/^inspect\t.*\n:4\n$/)
    }
    const home = join(prefix, 'lib', 'node_modules', 'kubectl-amx')
    expect(JSON.parse(await readFile(join(home, 'package.json'), 'utf8'))).not.toHaveProperty('dependencies')
    expect(await readFile(join(home, 'LICENSE'), 'utf8')).toContain('Apache License')
    expect(await readFile(join(home, 'THIRD-PARTY-NOTICES.txt'), 'utf8')).toMatch(/^yaml \S+ \(ISC\)$/m)
  })

  test('has a manifest that krew takes, for five systems, each with the sum of its archive and the program in it', async () => {
    const { spec } = parse(await readFile(join(released, 'amx.yaml'), 'utf8')) as ReturnType<typeof krewManifest>
    expect(spec.version).toMatch(/^v\d+\.\d+\.\d+$/)
    // What krew's index asks of a manifest.
    expect(spec.shortDescription).toMatch(/^[^\n]{1,50}$/)
    const systems = spec.platforms.map(({ selector: { matchLabels } }) => `${matchLabels.os}/${matchLabels.arch}`)
    expect(systems).toEqual(['linux/amd64', 'linux/arm64', 'darwin/amd64', 'darwin/arm64', 'windows/amd64'])
    for (const { uri, sha256, bin } of spec.platforms) {
      expect(dirname(uri)).toBe('https://example.com/v1')
      const archive = join(released, uri.slice(uri.lastIndexOf('/') + 1))
      expect(
        createHash('sha256')
          .update(await readFile(archive))
          .digest('hex'),
      ).toBe(sha256)
      expect(run('tar', ['-tzf', archive]).stdout.split('\n')).toContain(bin)
    }
  })

  test('starts on Windows by a program of its own, which ends as the plugin ends', async () => {
    const [windows] = (await readFile(join(released, 'SHA256SUMS'), 'utf8')).match(/\S+windows\S+/) ?? []
    const unpacked = join(folder, 'windows')
    await mkdir(unpacked)
    expect(run('tar', ['-xzf', join(released, windows ?? ''), '-C', unpacked]).status).toBe(0)
    expect((await readFile(join(unpacked, 'kubectl-amx.exe'))).subarray(0, 2).toString()).toBe('MZ')
    // The same program, built for the system of the test.
    const launcher = join(unpacked, 'launcher')
    const source = join(import.meta.dirname, 'windows-launcher')
    const built = spawnSync('go', ['build', '-C', source, '-o', launcher, '.'], { encoding: 'utf8' })
    expect(built.stderr).toBe('')
    await copyFile(launcher, join(unpacked, 'kubectl-amx'))
    expect(run(join(unpacked, 'kubectl-amx'), ['version', '--client']).stdout).toMatch(/^kubectl-amx /)
    expect(run(join(unpacked, 'kubectl-amx'), ['watch', '--nothing'])).toMatchObject({ status: 2, stdout: '' })
    expect(run(join(unpacked, 'kubectl-amx'), ['version'], '/nowhere')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('install Node.js 20 or newer'),
    })
  })
})
