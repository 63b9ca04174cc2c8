import { existsSync, statSync } from 'node:fs'
import { AmxError, type MountedSecret } from '@amx/api'

/**
 * What of the Secrets is not there, as AMX-1096 with the names; null when all of it is. Their volumes are optional, so that a pod
 * that tests starts and can say so.
 */
export function missingSecret(secrets: readonly MountedSecret[], pathOf: (file: string) => string): AmxError | null {
  for (const { secretName, items } of secrets) {
    const absent = items.filter(({ file }) => !isFilled(pathOf(file))).map(({ key }) => `"${key}"`)
    if (absent.length === 0) continue
    const keys = absent.length === 1 ? `key ${absent.join()}` : `keys ${absent.join(' and ')}`
    const secret =
      absent.length === items.length
        ? `Secret "${secretName}" does not exist, or lacks the ${keys}`
        : `Secret "${secretName}" lacks the ${keys}`
    return new AmxError('AMX-1096', { secret })
  }
  return null
}

function isFilled(path: string): boolean {
  return existsSync(path) && statSync(path).size > 0
}
