import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { isMap, isSeq, parseDocument } from 'yaml'
import type { RenewedTokens } from './oidc-credential.ts'

/**
 * Writes renewed tokens into the kubeconfig that has the user, as kubectl does: an issuer may take each refresh token only once.
 * The rest of the file stays as it is. A file that cannot be written is left alone; the tokens serve this command.
 */
export function keepTokens(paths: readonly string[], user: string, tokens: RenewedTokens): void {
  for (const path of paths.filter((one) => existsSync(one))) {
    try {
      const document = parseDocument(readFileSync(path, 'utf8'))
      const users = document.get('users')
      const place = isSeq(users) ? users.items.findIndex((item) => isMap(item) && item.get('name') === user) : -1
      if (place === -1) continue
      const config = ['users', place, 'user', 'auth-provider', 'config']
      document.setIn([...config, 'id-token'], tokens.idToken)
      if (tokens.refreshToken !== null) document.setIn([...config, 'refresh-token'], tokens.refreshToken)
      const beside = `${path}.amx-${process.pid}`
      writeFileSync(beside, document.toString({ lineWidth: 0 }), { mode: statSync(path).mode & 0o777 })
      renameSync(beside, path)
      return
    } catch {
      return
    }
  }
}
