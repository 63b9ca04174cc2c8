/** Up to `count` of the paths, from as many tables as possible, columns before tables: what is shown should differ. */
export function chooseShown(paths: readonly string[], count: number): string[] {
  const byTable = new Map<string, string[]>()
  for (const path of paths.toSorted()) {
    const [schema, table] = path.split('.')
    const key = `${schema}.${table}`
    byTable.set(key, [...(byTable.get(key) ?? []), path])
  }
  // Within a table the table itself sorts first; it comes last here.
  const queues = [...byTable.values()].map((group) =>
    group.toSorted((a, b) => b.split('.').length - a.split('.').length),
  )
  const chosen: string[] = []
  for (let round = 0; chosen.length < Math.min(count, paths.length); round += 1)
    for (const queue of queues) {
      const path = queue[round]
      if (path !== undefined && chosen.length < count) chosen.push(path)
    }
  return chosen
}
