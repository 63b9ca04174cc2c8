import { chmod, rm, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

// Bundles the plugin into one executable file: dist/kubectl-amx.mjs, and beside it the name kubectl looks for.

const folder = dirname(fileURLToPath(import.meta.url))
const outfile = join(folder, 'dist', 'kubectl-amx.mjs')

await build({
  entryPoints: [join(folder, 'src', 'main.ts')],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  minify: true,
  keepNames: true,
  legalComments: 'linked',
  logLevel: 'warning',
  banner: {
    js: "#!/usr/bin/env node\nimport { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
})
await chmod(outfile, 0o755)
// kubectl finds its plugins by their bare name; Node.js follows the link and sees the extension.
const link = join(folder, 'dist', 'kubectl-amx')
await rm(link, { force: true })
await symlink('kubectl-amx.mjs', link)
