import { afterAll, beforeAll, expect, test } from 'vitest'
import { pluginCommand } from './plugin-command.ts'
import { openSystem, type System, untilPhase } from './system.ts'

let system: System

// Tables of its own: what other tests left in the queue is not counted here.
beforeAll(async () => {
  system = openSystem()
  await system.warehouse(`
    CREATE SCHEMA depot AUTHORIZATION amx_owner;
    SET ROLE amx_owner;
    CREATE TABLE depot.category (category_id int PRIMARY KEY, category_name text, sort_order int);
    CREATE TABLE depot.supplier (supplier_id int PRIMARY KEY, iban text, rating int);
    COMMENT ON COLUMN depot.category.category_name IS 'Name of the category.';
    GRANT USAGE ON SCHEMA depot TO amx_reader;
    GRANT SELECT ON ALL TABLES IN SCHEMA depot TO amx_reader;`)
})

afterAll(() => system?.warehouse('DROP SCHEMA IF EXISTS depot CASCADE'))

const amx = (...args: string[]) => pluginCommand(system, args)
const madeBy = (output: string) => /metadatarun\.amx\.dev\/(\S+) created/.exec(output)?.[1] ?? ''

/** Every comment of two tables, by path. */
async function comments(): Promise<Record<string, unknown>> {
  const rows = await system.warehouse(
    `SELECT concat_ws('.', c.relname, a.attname) AS path,
       CASE WHEN a.attnum IS NULL THEN obj_description(c.oid, 'pg_class') ELSE col_description(c.oid, a.attnum) END AS text
     FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
       LEFT JOIN LATERAL (
         SELECT attname, attnum FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped
         UNION ALL SELECT NULL, NULL) AS a ON true
     WHERE n.nspname = 'depot' AND c.relname IN ('category', 'supplier') ORDER BY 1`,
  )
  return Object.fromEntries(rows.map(({ path, text }) => [String(path), text]))
}

test('the queue is previewed, written as far as it can be, written on, and rolled back around what somebody changed', async () => {
  const drafting = await amx(
    ...['run', 'depot.category', 'depot.supplier', '-d', 'demo-warehouse', '-l', 'built-in', '-o', 'name'],
  )
  const run = drafting.output.trim().split('/').at(-1) ?? ''
  await untilPhase(system, run, 'AwaitingReview')
  for (const asset of ['category.category_name', 'category.sort_order', 'supplier.iban', 'supplier.rating']) {
    const accepted = await amx('accept', run, `depot.${asset}`, '--text', `What ${asset} is, in our own words.`)
    expect(accepted.code, accepted.complaint).toBe(0)
  }
  const before = await comments()

  const scope = ['depot.category', 'depot.supplier']
  const preview = await amx('apply', ...scope, '--dry-run')
  expect(preview.code, preview.complaint).toBe(0)
  expect(preview.output).toContain('COMMENT ON COLUMN "depot"."supplier"."iban" IS :comment')
  expect(await comments()).toEqual(before)

  const [owned] = await system.warehouse(
    `SELECT tableowner FROM pg_tables WHERE schemaname = 'depot' AND tablename = 'supplier'`,
  )
  await system.warehouse('ALTER TABLE depot.supplier OWNER TO CURRENT_USER')
  const partly = await amx('apply', ...scope, '--yes', '--watch')
  expect(partly.code, partly.output + partly.complaint).toBe(6)
  expect(partly.output).toMatch(/\[\d+\/\d+\] COMMENT ON COLUMN depot\.category\.sort_order IS 'What .*'; ok/)
  expect(partly.output).toContain('2/4 written, 2 failed.')
  expect(partly.output).toMatch(/- depot\.supplier\.iban: .*\n.*\n.*the database said: .*must be owner/)

  await system.warehouse(`ALTER TABLE depot.supplier OWNER TO "${String(owned?.['tableowner'])}"`)
  const rest = await amx('apply', 'depot.supplier', '-d', 'demo-warehouse', '--yes', '--watch')
  expect(rest.code, rest.output + rest.complaint).toBe(0)
  expect(rest.output).toContain('2/2 written. Audit: kubectl amx audit ')
  const written = await comments()
  expect(written['supplier.iban']).not.toEqual(before['supplier.iban'])

  const first = madeBy(partly.output)
  const drifted = 'category.category_name'
  expect(written[drifted]).not.toEqual(before[drifted])
  await system.warehouse(`COMMENT ON COLUMN depot.category.category_name IS 'Changed by hand.'`)
  const listed = await amx('rollback', first, '--dry-run')
  expect(listed.output).toContain('depot.category.category_name IS ')
  const undone = await amx('rollback', first, '--yes', '--watch')
  expect(undone.code, undone.output + undone.complaint).toBe(6)
  expect(undone.output).toContain('1 left alone because the comment changed meanwhile')
  const after = await comments()
  expect(after[drifted]).toBe('Changed by hand.')
  for (const path of Object.keys(before).filter((one) => one.startsWith('category') && one !== drifted)) {
    expect([path, after[path]]).toEqual([path, before[path]])
  }
  expect(after['supplier.iban']).toEqual(written['supplier.iban'])

  const who = await system.kubectl.json<{ status: { userInfo: { username: string } } }>(['auth', 'whoami'])
  const audit = await amx('audit', '--asset', 'depot.category', '-o', 'json')
  const { changes } = JSON.parse(audit.output) as {
    changes: { path: string; appliedBy: string; run: { name: string }; undoneBy: { name: string } | null }[]
  }
  const entry = changes.find(({ path, run: { name } }) => path === 'depot.category.sort_order' && name === first)
  expect(entry).toMatchObject({ appliedBy: who.status.userInfo.username, undoneBy: { name: madeBy(undone.output) } })
})
