import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkoutDir } from '../cluster/folders.ts'
import { type ManifestObject, parseManifests } from './example-objects.ts'

/** The service accounts and roles of the operator and the server, and the roles that people are given. */
export function roleObjects(): ManifestObject[] {
  return ['operator/deploy/rbac.yaml', 'dashboard/server/deploy/rbac.yaml', 'deploy/roles.yaml']
    .flatMap((path) => parseManifests(readFileSync(join(checkoutDir, path), 'utf8')))
    .filter(({ kind }) => kind !== 'Namespace')
}
