import { createHash } from 'node:crypto'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root of this checkout. */
export const checkoutDir = resolve(dirname(fileURLToPath(import.meta.url)), '../..')

/** Where builds and downloads are kept for every checkout of this user: `${XDG_CACHE_HOME:-~/.cache}/amx`. */
export function cacheDir(env: NodeJS.ProcessEnv = process.env): string {
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'amx')
}

/**
 * Where the persistent local cluster of a checkout keeps its state: `AMX_STATE_DIR`, or else a folder of its own below
 * `${XDG_STATE_HOME:-~/.local/state}/amx`, named after the checkout so that two checkouts do not share a cluster.
 */
export function stateDir(env: NodeJS.ProcessEnv = process.env, checkout = checkoutDir): string {
  if (env['AMX_STATE_DIR']) return resolve(env['AMX_STATE_DIR'])
  const home = env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state')
  return join(home, 'amx', checkoutKey(checkout))
}

/** A short name for a checkout: its folder's name and eight digits of its path. */
export function checkoutKey(checkout = checkoutDir): string {
  const digest = createHash('sha256').update(checkout).digest('hex').slice(0, 8)
  const name = checkout.split('/').at(-1) || 'root'
  return `${name.replaceAll(/[^a-zA-Z0-9.-]/g, '-')}-${digest}`
}
