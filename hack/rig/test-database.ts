import { createHash, randomBytes } from 'node:crypto'
import { Client, escapeIdentifier } from 'pg'
import { inject } from 'vitest'
import './provided-context.ts'
import { releaseAfterFile } from './release-after-file.ts'

/** A database that is prepared once in a test run, and then copied, which takes a few milliseconds. */
export interface DatabaseTemplate {
  name: string
  /** Fills the empty database of this URL; it must have closed its connections when it is done. */
  prepare(url: string): Promise<void>
}

/** A database of a test's own. */
export interface TestDatabase {
  name: string
  url: string
  /** Rows of the last of some statements, in a session of their own. */
  query(text: string): Promise<Record<string, unknown>[]>
  /** Drops it now, sessions and all, instead of after the test file. */
  drop(): Promise<void>
}

/** A fresh database, empty or a copy of a template, on the server of the test run. It is dropped after the test file. */
export async function testDatabase(options: { template?: DatabaseTemplate } = {}): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`
  await onServer(async (admin) => {
    if (options.template === undefined) return await admin.query(`create database ${escapeIdentifier(name)}`)
    const template = await ensureTemplate(admin, options.template)
    await admin.query(`create database ${escapeIdentifier(name)} template ${escapeIdentifier(template)}`)
  })
  const drop = () =>
    onServer(async (admin) => {
      await admin.query(`drop database if exists ${escapeIdentifier(name)} with (force)`)
    })
  releaseAfterFile(drop)
  return { name, url: urlOf(name), query: (text) => lastRows(urlOf(name), text), drop }
}

/** The superuser's URL of the PostgreSQL server of the test run. */
export function rigDatabaseUrl(): string {
  const url = inject('adminDatabaseUrl')
  if (!url) throw new Error('No PostgreSQL in this test project: name the file x.pg.test.ts')
  return url
}

function urlOf(database: string): string {
  const url = new URL(rigDatabaseUrl())
  url.pathname = `/${database}`
  return url.href
}

async function lastRows(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    // A list where there are several statements.
    const results = [await client.query<Record<string, unknown>>(text)].flat()
    return results.at(-1)?.rows ?? []
  } finally {
    await client.end()
  }
}

async function onServer(work: (admin: Client) => Promise<unknown>): Promise<void> {
  const admin = new Client({ connectionString: rigDatabaseUrl() })
  await admin.connect()
  try {
    await work(admin)
  } finally {
    await admin.end()
  }
}

/** Test files run in several processes; the first to ask prepares the template while the others wait. */
async function ensureTemplate(admin: Client, template: DatabaseTemplate): Promise<string> {
  const name = `template_${createHash('sha256').update(template.name).digest('hex').slice(0, 16)}`
  await admin.query('select pg_advisory_lock(hashtext($1))', [name])
  try {
    const found = await admin.query('select 1 from pg_database where datname = $1', [name])
    if (found.rowCount === 1) return name
    const unfinished = `${name}_unfinished`
    await admin.query(`drop database if exists ${escapeIdentifier(unfinished)} with (force)`)
    await admin.query(`create database ${escapeIdentifier(unfinished)}`)
    await template.prepare(urlOf(unfinished))
    await admin.query(`alter database ${escapeIdentifier(unfinished)} rename to ${escapeIdentifier(name)}`)
    return name
  } finally {
    await admin.query('select pg_advisory_unlock(hashtext($1))', [name])
  }
}
