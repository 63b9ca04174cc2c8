import { beforeAll, expect, test } from 'vitest'
import { pluginCommand } from './plugin-command.ts'
import { openSystem, type System, until, untilPhase } from './system.ts'

let system: System
beforeAll(() => {
  system = openSystem()
})

const amx = (...args: string[]) => pluginCommand(system, args)

/** Output of a command that has to succeed. */
async function told(...args: string[]): Promise<string> {
  const { code, output, complaint } = await amx(...args)
  expect({ args, code, complaint: code === 0 ? '' : complaint }).toEqual({ args, code: 0, complaint: '' })
  return output
}

async function drafted(scope: string): Promise<string> {
  const name = (await told('run', scope, '-d', 'demo-warehouse', '-l', 'built-in', '-o', 'name'))
    .trim()
    .split('/')
    .at(-1)
  if (name === undefined) throw new Error('the run has no name')
  await untilPhase(system, name, 'AwaitingReview')
  return name
}

test('runs are looked back on and compared, also after their objects went', async () => {
  const [first, second] = [await drafted('catalog.category'), await drafted('catalog.category')]
  await told('reject', first, 'catalog.category')
  await told('accept', first, '--all')

  const listed = await told('history', '--search', first, '--type', 'Analyze', '-o', 'json')
  expect(JSON.parse(listed).runs).toMatchObject([{ name: first, origin: 'plugin' }])
  const shown = await told('history', 'show', first, '--settings')
  expect(shown).toMatch(/Review +\d+ accepted \(0 in own words\) · 1 rejected/)
  expect(shown).toMatch(/Cost +\$0\.00 then, \$0\.00 by the prices of now/)
  expect(shown).toMatch(/accepted, 0 rejected/)
  expect(shown).toContain('promptVersion')
  expect(await told('history', 'events', first)).toMatch(/ScopeResolved/)
  const stats = await told('history', 'stats', '--window', 'today', '--by', 'type', '-o', 'csv')
  expect(stats).toMatch(/^type,runs,failed,.*\r\n(?:.*\r\n)*Analyze,/)

  const figures = await told('compare', first, second)
  expect(figures).toMatch(/coverage +\d/)
  const agreed = JSON.parse(await told('compare', first, second, '--rows', 'same', '-o', 'json')) as {
    overlap: { assets: number; same: number }
    rows: { same: boolean }[]
  }
  expect(agreed.overlap.same).toBeGreaterThan(0)
  expect(agreed.rows).toHaveLength(agreed.overlap.same)
  expect(agreed.rows.every(({ same }) => same)).toBe(true)
  expect(await told('compare', first, second, '--diff')).toBe('')

  await system.kubectl.run(['delete', 'metadatarun', second, '--wait=false'])
  await until('the run that was deleted midway says so', async () =>
    (await told('history', 'show', second)).includes('ObjectDeleted'),
  )
  expect(await told('history', '--phase', 'Cancelled')).toMatch(new RegExp(`${second} +Analyze +Cancelled, deleted`))
  expect(await told('history', 'results', second, '--no-headers')).toContain('catalog.category')
  expect(await told('compare', first, second)).toMatch(/coverage/)
})
