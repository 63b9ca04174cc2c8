import { existsSync, rmSync } from 'node:fs'
import { stateDir } from '../cluster/folders.ts'
import { streamProgress } from '../cluster/progress.ts'
import { takeDown } from './take-down.ts'

const progress = streamProgress(process.stderr)
const folder = stateDir()
if (existsSync(folder)) {
  await takeDown(folder, progress)
  rmSync(folder, { recursive: true, force: true })
  progress.say('removed everything the quick start made; the built control plane stays in the cache for the next time')
} else {
  progress.say('nothing to remove: no quick start runs for this checkout')
}
