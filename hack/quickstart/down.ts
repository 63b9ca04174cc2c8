import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { stateDir } from '../cluster/folders.ts'
import { clusterDown } from '../cluster/index.ts'
import { streamProgress } from '../cluster/progress.ts'
import { stopPostgres } from '../rig/index.ts'

const progress = streamProgress(process.stderr)
const folder = stateDir()
if (existsSync(folder)) {
  await progress.step('stopping the cluster and the databases', async () => {
    await clusterDown({ stateDir: folder, progress })
    await Promise.all(['store', 'warehouse'].map((name) => stopPostgres(join(folder, name))))
  })
  rmSync(folder, { recursive: true, force: true })
  progress.say('removed everything the quick start made; the built control plane stays in the cache for the next time')
} else {
  progress.say('nothing to remove: no quick start runs for this checkout')
}
