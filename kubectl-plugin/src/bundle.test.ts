import { execFile } from 'node:child_process'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const run = promisify(execFile)
let folder: string
let plugin: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'amx-bundle-'))
  plugin = join(folder, 'kubectl-amx')
  await run(process.execPath, [fileURLToPath(new URL('../build.ts', import.meta.url)), folder])
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('the plugin is one file that runs where nothing is installed, under the name kubectl looks for', async () => {
  const { stdout } = await run(process.execPath, [plugin, 'version', '--client'], { cwd: folder })
  expect(stdout).toMatch(/^kubectl-amx \d+\.\d+\.\d+\n$/)
})

test('the plugin is no more than 2 MB', async () => {
  expect((await stat(plugin)).size).toBeLessThanOrEqual(2_000_000)
})

test('what the bundle leaves out of the Kubernetes library is not missed when a kubeconfig is read', async () => {
  const kubeconfig = join(fileURLToPath(new URL('.', import.meta.url)), 'absent-kubeconfig')
  const failed = await run(process.execPath, [plugin, 'get', '--kubeconfig', kubeconfig]).catch((error) => error)
  expect(failed).toMatchObject({ code: 1, stdout: '' })
  expect(failed.stderr).toContain('the kubeconfig cannot be read')
})

test('kubectl finds beside it what completes its command lines', async () => {
  const { stdout } = await run(join(folder, 'kubectl_complete-amx'), ['insp'], { cwd: tmpdir() })
  expect(stdout).toMatch(/^inspect\t.*\n:4\n$/)
})
