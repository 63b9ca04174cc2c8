import { parseArgs } from 'node:util'
import { releasePlugin } from './release-plugin.ts'

// Makes what a release of the plugin consists of: the npm package, an archive per system and the krew manifest.
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { 'base-url': { type: 'string' }, homepage: { type: 'string' } },
})
const [target] = positionals
const { 'base-url': baseUrl, homepage } = values
if (target === undefined || baseUrl === undefined || homepage === undefined) {
  console.error('npm run release -- --base-url <url the archives will be at> --homepage <url> <folder>')
  process.exitCode = 2
} else {
  for (const file of await releasePlugin({ target, baseUrl, homepage })) console.log(file)
}
