// Starts a script of this repository on the Node.js version the repository pins, on any machine with Node.js >= 20.
// Plain JavaScript without dependencies, because it runs before anything is installed.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const stamp = join(root, 'node_modules', '.amx-installed')
const node = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')

function lockDigest() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
}

function installed() {
  return existsSync(node) && existsSync(stamp) && readFileSync(stamp, 'utf8') === lockDigest()
}

function install() {
  const started = Date.now()
  process.stderr.write('Installing the workspace (npm ci), about a minute the first time ...\n')
  const result = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  })
  if (result.status !== 0) {
    process.stderr.write(
      'npm ci failed. Is a package registry reachable? The message above says which package was missing.\n',
    )
    process.exit(1)
  }
  writeFileSync(stamp, lockDigest())
  process.stderr.write(`Installed in ${((Date.now() - started) / 1000).toFixed(0)} s.\n`)
}

const [major] = process.versions.node.split('.')
if (Number(major) < 20) {
  process.stderr.write(`Node.js ${process.versions.node} is too old: install Node.js 20 or newer.\n`)
  process.exit(1)
}
const [script, ...args] = process.argv.slice(2)
if (script === undefined) {
  process.stderr.write('usage: node hack/run.mjs <script.ts | installed command> [arguments]\n')
  process.exit(2)
}
if (!installed()) install()

const isFile = /\.m?[jt]s$/.test(script)
const environment = {
  ...process.env,
  PATH: [dirname(node), join(root, 'node_modules', '.bin'), process.env.PATH].join(
    process.platform === 'win32' ? ';' : ':',
  ),
}
const child = isFile
  ? spawn(node, ['--disable-warning=ExperimentalWarning', join(root, script), ...args], {
      cwd: root,
      stdio: 'inherit',
      env: environment,
    })
  : spawn(script, args, { cwd: root, stdio: 'inherit', env: environment, shell: process.platform === 'win32' })

// A terminal sends Ctrl-C to the whole process group; the child decides what it means and this process follows it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (signal !== 'SIGINT') child.kill(signal)
  })
}
child.on('exit', (code, signal) => {
  process.exit(code ?? (signal === 'SIGINT' ? 130 : 1))
})
child.on('error', (error) => {
  process.stderr.write(`${script}: ${error.message}\n`)
  process.exit(1)
})
