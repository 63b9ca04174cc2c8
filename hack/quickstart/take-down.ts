import { join } from 'node:path'
import { clusterDown } from '../cluster/index.ts'
import { kindDown } from '../cluster/kind/index.ts'
import type { Progress } from '../cluster/progress.ts'
import { removePostgres } from '../rig/start-postgres.ts'
import { keptSettings, settingsPath } from './settings.ts'

/** Ends every process of the system in a state folder and removes its cluster and databases. The folder itself stays. */
export async function takeDown(stateDir: string, progress: Progress): Promise<void> {
  if (keptSettings(settingsPath(stateDir))?.cluster === 'kind') return await kindDown({ stateDir, progress })
  await progress.step('stopping the cluster and the databases', async () => {
    await clusterDown({ stateDir, progress })
    await Promise.all(['store', 'warehouse'].map((name) => removePostgres(join(stateDir, name))))
  })
}
