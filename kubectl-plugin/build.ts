import { chmod, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'

// Bundles the plugin into one executable file, kubectl-amx.mjs, and beside it the names kubectl looks for: the plugin's, and that
// of what completes its command lines; into dist/ or the folder named on the command line.

const folder = dirname(fileURLToPath(import.meta.url))
const target = process.argv[2] ?? join(folder, 'dist')
const outfile = join(target, 'kubectl-amx.mjs')

// What the Kubernetes library needs for calls of its own. The plugin takes only the reading of kubeconfigs from it: left out,
// the bundle is a quarter of the size, starts in half the time, and runs on Node.js 20, which undici does not.
const unused: Plugin = {
  name: 'unused',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^undici$|^\.\/gen\/index\.js$/ }, ({ path }) => ({ path, namespace: 'unused' }))
    onLoad({ filter: /.*/, namespace: 'unused' }, () => ({ contents: 'module.exports = {}', loader: 'js' }))
  },
}

await build({
  entryPoints: [join(folder, 'src', 'main.ts')],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  legalComments: 'linked',
  logLevel: 'warning',
  plugins: [unused],
  banner: {
    js: "#!/usr/bin/env node\nimport { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
})
await chmod(outfile, 0o755)
// kubectl finds its plugins by their bare name; Node.js follows the link and sees the extension.
const link = join(target, 'kubectl-amx')
await rm(link, { force: true })
await symlink('kubectl-amx.mjs', link)

// kubectl runs this for Tab after `kubectl amx`. Beside the plugin where it was unpacked, on the PATH where links point to both.
const completes = `#!/bin/sh
beside="$(dirname "$0")/kubectl-amx"
if [ -x "$beside" ]; then exec "$beside" __complete "$@"; fi
exec kubectl-amx __complete "$@"
`
await writeFile(join(target, 'kubectl_complete-amx'), completes, { mode: 0o755 })
