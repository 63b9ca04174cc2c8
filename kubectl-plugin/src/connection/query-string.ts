type QueryValue = string | number | boolean

/** A query with lists repeated and what is absent left out; empty when nothing is given. */
export function queryString(query: object): string {
  const parameters = new URLSearchParams()
  const given = Object.entries(query) as [string, QueryValue | readonly QueryValue[] | undefined][]
  for (const [name, value] of given) {
    if (value === undefined) continue
    for (const one of Array.isArray(value) ? value : [value]) parameters.append(name, String(one))
  }
  return parameters.size === 0 ? '' : `?${parameters}`
}
