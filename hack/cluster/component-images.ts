import { join } from 'node:path'
import { checkoutDir } from './folders.ts'

/** Every component of the product that runs in a pod: the name of its image, and the program of this checkout. */
export const components = {
  server: { image: 'amx.dev/server', program: 'dashboard/server/src/main.ts' },
  operator: { image: 'amx.dev/operator', program: 'operator/src/main.ts' },
  worker: { image: 'amx.dev/worker', program: 'worker/src/main.ts' },
} as const

/** What a process node runs for each image: the component's program on the Node.js that runs this. */
export function componentCommands(checkout = checkoutDir): Record<string, string[]> {
  return Object.fromEntries(
    Object.values(components).map(({ image, program }) => [image, [process.execPath, join(checkout, program)]]),
  )
}
