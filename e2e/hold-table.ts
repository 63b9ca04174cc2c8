import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'pg'
import type { System } from './system.ts'

/** Holds a lock on a table of the demo warehouse, as a long migration would, until it is released. */
export async function holdTable(
  { stateDir }: System,
  table: string,
  mode: 'ACCESS EXCLUSIVE' | 'SHARE UPDATE EXCLUSIVE',
): Promise<{ release(): Promise<void> }> {
  const url = new URL(readFileSync(join(stateDir, 'warehouse.url'), 'utf8').trim())
  url.pathname = '/amx_demo'
  const client = new Client({ connectionString: url.href })
  await client.connect()
  await client.query('BEGIN')
  await client.query(`LOCK TABLE ${table} IN ${mode} MODE`)
  return { release: () => client.end() }
}
