import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { silentProgress } from '../progress.ts'
import { kindDown, kindUp } from './kind-cluster.ts'

// Programs stand in for docker, kind and kubectl here: what is tested is which commands are given, in which order.

let folder: string
let stateDir: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'amx-kind-cluster-'))
  stateDir = join(folder, 'state')
  mkdirSync(join(folder, 'bin'))
  program(
    'kind',
    `case "$1 $2" in
      "version ") echo "kind v0.33.0 go1.26 linux/amd64" ;;
      "get clusters") cat ${folder}/clusters 2>/dev/null || true ;;
      "create cluster") echo "$4" >${folder}/clusters ;;
      "delete cluster") rm -f ${folder}/clusters ;;
      "load docker-image") if [ -e ${folder}/full ]; then echo "no space left" >&2; exit 1; fi ;;
    esac`,
  )
  program(
    'docker',
    `case "$1" in
      port) echo "30443/tcp -> 127.0.0.1:21002" ;;
      exec) echo "text of $4" ;;
      cp) cp ${folder}/bin/kubectl "$3" ;;
    esac`,
  )
  program('kubectl', 'echo ok')
  vi.stubEnv('PATH', `${join(folder, 'bin')}:${process.env['PATH']}`)
})

afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

function program(name: string, script: string): void {
  const path = join(folder, 'bin', name)
  writeFileSync(path, `#!/bin/sh\necho "${name} $1 $2" >>${folder}/log\n${script}\n`)
  chmodSync(path, 0o755)
}

/** The first words of the commands since the last look, without the look at kind's version and the file copied for Linux. */
function given(): string[] {
  const lines = readFileSync(join(folder, 'log'), 'utf8').trim().split('\n')
  rmSync(join(folder, 'log'))
  return lines.map((line) => line.trim()).filter((line) => line !== 'kind version' && !line.startsWith('docker cp'))
}

function up(programDigest: string, hostPort = 21_002) {
  const portMappings = [{ nodePort: 30_443, hostPort }]
  return kindUp({ stateDir, progress: silentProgress, portMappings, programDigest })
}

const images = ['docker build --file', 'docker build --file', 'docker build --file', 'kind load docker-image']
const readAuthority = [expect.stringMatching(/^docker exec/), expect.stringMatching(/^docker exec/)]
const node = expect.stringMatching(/^docker start amx-state-[0-9a-f]{8}-control-plane$/)
const ports = expect.stringMatching(/^docker port amx-state-[0-9a-f]{8}-control-plane$/)
const awaitServer = expect.stringMatching(/^kubectl --kubeconfig/)
const again = ['kind get clusters', node, ports, 'kind export kubeconfig', awaitServer]

test('the first time makes a cluster with the ways in, and gives it the images', async () => {
  const cluster = await up('one')
  expect(given()).toEqual(['kind get clusters', 'kind create cluster', awaitServer, ...images, ...readAuthority])
  expect(cluster).toMatchObject({
    kubeconfigPath: join(stateDir, 'kind.kubeconfig'),
    clientCa: 'text of /etc/kubernetes/pki/ca.crt\n',
    clientCaKey: 'text of /etc/kubernetes/pki/ca.key\n',
  })
  expect(existsSync(cluster.kubectlPath)).toBe(true)
  expect(readFileSync(join(stateDir, 'kind.json'), 'utf8')).toContain('"hostPort": 21002')
})

test('another time starts the same cluster again, and builds images only for other programs', async () => {
  await up('one')
  given()
  await up('one')
  expect(given()).toEqual([...again, ...readAuthority])
  await up('two')
  expect(given()).toEqual([...again, ...images, ...readAuthority])
})

test('images that could not be loaded are built and loaded the next time', async () => {
  writeFileSync(join(folder, 'full'), '')
  await expect(up('one')).rejects.toThrow(/load docker-image .* failed:\nno space left/)
  given()
  rmSync(join(folder, 'full'))
  await up('one')
  expect(given()).toEqual([...again, ...images, ...readAuthority])
})

test('a cluster with other ways in is named, not changed', async () => {
  await up('one')
  given()
  await expect(up('one', 21_777)).rejects.toThrow(
    /was made with other ports \(127.0.0.1:21777 .* delete cluster --name amx-state-/,
  )
  expect(given()).toEqual(['kind get clusters', node, ports])
})

test('a cluster that was deleted is made anew, with images', async () => {
  await up('one')
  await kindDown({ stateDir, progress: silentProgress })
  expect(given().at(-1)).toBe('kind delete cluster')
  await up('one')
  expect(given()).toEqual(['kind get clusters', 'kind create cluster', awaitServer, ...images, ...readAuthority])
})
