import { arch, platform, release } from 'node:os'
import { apiVersion, type Kind, kinds, type MetadataRun, plurals, toAmxError } from '@amx/api'
import type { CommandIO } from '../../command-io.ts'
import type { Connection } from '../../connection/connection.ts'
import type { KubernetesObject } from '../../connection/kubernetes-client.ts'
import { systemNamespace } from '../../connection/reach-server.ts'
import { pluginVersion } from '../../plugin-version.ts'
import { examine } from '../doctor/examine.ts'
import { type RedactOptions, redactText, redactValue } from './redact.ts'

/** One file of a support bundle; nothing in it is secret any more. */
export interface ReportFile {
  readonly path: string
  readonly content: string
}

export interface GatherOptions extends RedactOptions {
  /** Log lines of each run, and of each pod of the system. */
  readonly logLines: number
  /** Runs whose log is taken, the newest first. */
  readonly runs: number
}

/** Reads what helps to understand a system from elsewhere. What cannot be read is named in its file's place. */
export async function gatherReport(
  connection: Connection,
  io: CommandIO,
  options: GatherOptions,
): Promise<ReportFile[]> {
  const { kubernetes, namespace } = connection
  const system = systemNamespace(io)
  const value = async (path: string, read: () => Promise<unknown>): Promise<ReportFile> => {
    const content = await read().catch((error: unknown) => ({ notRead: toAmxError(error).message }))
    return { path, content: `${JSON.stringify(redactValue(content, options), null, 2)}\n` }
  }
  const about = {
    takenAt: io.now().toISOString(),
    plugin: pluginVersion,
    node: process.version,
    platform: `${platform()} ${release()} ${arch()}`,
    apiServer: connection.apiServer,
    namespace,
  }
  const kindFiles = kinds.map((kind) =>
    value(`objects/${plurals[kind]}.json`, () => kubernetes.get(collection(kind, namespace))),
  )
  const files = await Promise.all([
    value('about.json', async () => ({ ...about, user: await connection.username() })),
    value('doctor.json', () => examine(connection, io, { network: 'All', stuckMs: 600_000, test: null })),
    ...kindFiles,
    value('events.json', () => events(connection)),
    value('jobs.json', () => jobs(connection)),
    value('system/pods.json', () => podStates(connection, system)),
    value('system/deployments.json', () => deployments(connection, system)),
    value('server/runs.json', async () => (await connection.server()).runList(namespace, { limit: 100 })),
  ])
  return [...files, ...(await systemLogs(connection, system, options)), ...(await runLogs(connection, options))]
}

function collection(kind: Kind, namespace: string): string {
  return `apis/${apiVersion}/namespaces/${namespace}/${plurals[kind]}?limit=500`
}

interface Event extends KubernetesObject {
  readonly regarding?: { readonly kind?: string; readonly name?: string; readonly apiVersion?: string }
  readonly reason?: string
  readonly note?: string
  readonly type?: string
  readonly eventTime?: string | null
  readonly series?: unknown
}

/** What happened to objects of the product, their Jobs and their pods. */
async function events({ kubernetes, namespace }: Connection): Promise<unknown> {
  const path = `apis/events.k8s.io/v1/namespaces/${namespace}/events?limit=1000`
  const { items } = await kubernetes.get<{ items: readonly Event[] }>(path)
  const ours = items.filter(({ regarding }) => {
    const { kind = '', apiVersion: version = '' } = regarding ?? {}
    return version.startsWith('amx.dev/') || kind === 'Job' || kind === 'Pod'
  })
  return ours.map(({ metadata, regarding, reason, note, type, eventTime, series }) => ({
    time: eventTime ?? metadata.creationTimestamp,
    of: `${regarding?.kind} ${regarding?.name}`,
    type,
    reason,
    note,
    series,
  }))
}

interface Stated extends KubernetesObject {
  readonly status?: unknown
}

/** Names, labels and states; a pod's variables are left where they are. */
async function jobs({ kubernetes, namespace }: Connection): Promise<unknown> {
  const query = new URLSearchParams({ labelSelector: 'amx.dev/run', limit: '200' })
  const path = `apis/batch/v1/namespaces/${namespace}/jobs?${query}`
  return stateOf((await kubernetes.get<{ items: readonly Stated[] }>(path)).items)
}

async function podStates({ kubernetes }: Connection, system: string): Promise<unknown> {
  return stateOf((await kubernetes.get<{ items: readonly Stated[] }>(`api/v1/namespaces/${system}/pods`)).items)
}

async function deployments({ kubernetes }: Connection, system: string): Promise<unknown> {
  return stateOf(
    (await kubernetes.get<{ items: readonly Stated[] }>(`apis/apps/v1/namespaces/${system}/deployments`)).items,
  )
}

function stateOf(items: readonly Stated[]): unknown {
  return items.map(({ metadata: { name, labels, creationTimestamp }, status }) => ({
    name,
    labels,
    creationTimestamp,
    status,
  }))
}

async function systemLogs(
  { kubernetes }: Connection,
  system: string,
  { logLines }: GatherOptions,
): Promise<readonly ReportFile[]> {
  const pods = `api/v1/namespaces/${system}/pods`
  const ours = new URLSearchParams({ labelSelector: 'app.kubernetes.io/part-of=amx' })
  const { items } = await kubernetes
    .get<{ items: readonly KubernetesObject[] }>(`${pods}?${ours}`)
    .catch(() => ({ items: [] }))
  return Promise.all(
    items.map(async ({ metadata }) => {
      const log = `${pods}/${metadata.name}/log?tailLines=${logLines}`
      const content = await kubernetes
        .getText(log)
        .catch((error: unknown) => `not read: ${toAmxError(error).message}\n`)
      return { path: `system/logs/${metadata.name}.log`, content: redactText(content) }
    }),
  )
}

/** Lines that pods of the newest runs wrote, as the server kept them. */
async function runLogs(connection: Connection, options: GatherOptions): Promise<readonly ReportFile[]> {
  const { kubernetes, namespace } = connection
  try {
    const server = await connection.server()
    const { items } = await kubernetes.get<{ items: readonly MetadataRun[] }>(collection('MetadataRun', namespace))
    const newest = items
      .toSorted((a, b) => (a.metadata.creationTimestamp < b.metadata.creationTimestamp ? 1 : -1))
      .slice(0, options.runs)
    return await Promise.all(
      newest.map(async ({ metadata: { name } }) => {
        const { lines } = await server.logs(namespace, name, { limit: Math.min(2_000, options.logLines) })
        const content = lines.map((line) => `${JSON.stringify(redactValue(line, options))}\n`).join('')
        return { path: `runs/${name}.jsonl`, content }
      }),
    )
  } catch (error) {
    return [{ path: 'runs/not-read.txt', content: `${redactText(toAmxError(error).message)}\n` }]
  }
}
