import { canonicalAssetPath, formatAssetPath, parseAssetPath, type RunSummary } from '@amx/api'
import type { CommandIO } from '../../command-io.ts'
import { type Connection, connect } from '../../connection/connection.ts'
import { type KubernetesObject, resourcePath } from '../../connection/kubernetes-client.ts'
import type { Candidate, Wanted } from './wanted-word.ts'

type Asked = Exclude<Wanted, { kind: 'words' | 'files' }>

const mostCandidates = 500
const rowsLooked = 1_000

/** Names as cluster and server know them. Throws what the connection throws. */
export async function foundCandidates(io: CommandIO, wanted: Asked): Promise<Candidate[]> {
  const connection = await connect(wanted.connection, io)
  const found = await candidatesOf(connection, wanted).finally(() => connection.close())
  return found
    .filter(({ value }) => value.startsWith(wanted.typed) && !wanted.given.includes(value))
    .slice(0, mostCandidates)
    .map((candidate) => ({ ...candidate, value: wanted.before + candidate.value }))
}

async function candidatesOf(connection: Connection, wanted: Asked): Promise<Candidate[]> {
  switch (wanted.kind) {
    case 'runs':
      return runs(connection)
    case 'schedules':
      return objects(connection, resourcePath('MetadataSchedule', connection.namespace))
    case 'databases':
      return objects(connection, resourcePath('DatabaseProfile', connection.namespace))
    case 'models':
      return objects(connection, resourcePath('LLMProfile', connection.namespace))
    case 'namespaces':
      return objects(connection, 'api/v1/namespaces')
    case 'assets':
      return assets(connection, wanted)
    case 'runsAndAssets':
      return [...(await runs(connection)), ...(await assets(connection, { ...wanted, run: undefined }))]
  }
}

/** Runs of the cluster, and those the server kept after their objects went; each where it answers. */
async function runs(connection: Connection): Promise<Candidate[]> {
  const { namespace } = connection
  const [there, kept] = await Promise.allSettled([
    objects(connection, resourcePath('MetadataRun', namespace)),
    connection.server().then((server) => server.runList(namespace, { limit: 200 })),
  ])
  const known = kept.status === 'fulfilled' ? kept.value.runs.map(described) : []
  const more = there.status === 'fulfilled' ? there.value : []
  return unique([...known, ...more])
}

function described({ name, phase, scope }: RunSummary): Candidate {
  return { value: name, says: `${phase}, ${scope}` }
}

async function objects({ kubernetes }: Connection, path: string): Promise<Candidate[]> {
  const accept = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io'
  const { items } = await kubernetes.get<{ items: KubernetesObject[] }>(`${path}?limit=${mostCandidates}`, accept)
  return items.map(({ metadata }) => ({ value: metadata.name }))
}

/** Schemas, tables and, below a table, columns: of the run that is named, else of what is known of the databases. */
async function assets(connection: Connection, asked: Asked): Promise<Candidate[]> {
  const paths = asked.run === undefined ? await knownPaths(connection, asked.typed) : await rowPaths(connection, asked)
  return unique([...paths].sort().map((value) => ({ value })))
}

async function knownPaths(connection: Connection, typed: string): Promise<string[]> {
  const server = await connection.server()
  const within = parentOf(typed)
  const { entries } = await server.catalog(connection.namespace, { limit: rowsLooked, ...(within && { within }) })
  return entries.flatMap(({ kind, path, schemaPath, columns }) => {
    if (kind === 'Database') return []
    if (path !== within || path === schemaPath) return [schemaPath, path]
    return columns.map(({ name }) => formatAssetPath([...parseAssetPath(path), name]))
  })
}

/** What stands before the last dot of a path that is being typed; empty where there is none, or it is no path. */
function parentOf(typed: string): string {
  const [, parent = ''] = /^((?:"(?:[^"]|"")*"|[^".]+)(?:\.(?:"(?:[^"]|"")*"|[^".]+))*)\./.exec(typed) ?? []
  try {
    return canonicalAssetPath(parent)
  } catch {
    return ''
  }
}

async function rowPaths(connection: Connection, { typed, run = '' }: Asked): Promise<string[]> {
  const { namespace } = connection
  const server = await connection.server()
  const search = typed.replace(/\.$/, '')
  const { rows } = await server.results(namespace, run, { limit: rowsLooked, sort: 'path', ...(search && { search }) })
  const columns = /^[^.]+\.[^.]+\./.test(typed.replaceAll(/"[^"]*"?/g, 'x'))
  return rows.flatMap(({ path }) => {
    const parts = parseAssetPath(path)
    return [1, 2, 3]
      .filter((depth) => depth <= parts.length && (depth < 3 || columns))
      .map((depth) => formatAssetPath(parts.slice(0, depth)))
  })
}

function unique(candidates: readonly Candidate[]): Candidate[] {
  const found = new Map<string, Candidate>()
  for (const candidate of candidates) if (!found.has(candidate.value)) found.set(candidate.value, candidate)
  return [...found.values()]
}
