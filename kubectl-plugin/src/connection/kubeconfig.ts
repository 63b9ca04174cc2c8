import path from 'node:path'

/** A kubeconfig as it stands in files, merged and with the paths of its files made absolute. */
export interface Kubeconfig {
  readonly currentContext: string | undefined
  readonly clusters: ReadonlyMap<string, ClusterEntry>
  readonly users: ReadonlyMap<string, UserEntry>
  readonly contexts: ReadonlyMap<string, ContextEntry>
}

export interface ClusterEntry {
  readonly server?: string
  readonly 'certificate-authority'?: string
  readonly 'certificate-authority-data'?: string
  readonly 'insecure-skip-tls-verify'?: boolean
  readonly 'tls-server-name'?: string
  readonly 'proxy-url'?: string
  readonly extensions?: readonly { readonly name: string; readonly extension: unknown }[]
}

export interface ExecEntry {
  readonly apiVersion?: string
  readonly command?: string
  readonly args?: readonly string[] | null
  readonly env?: readonly { readonly name: string; readonly value: string }[] | null
  readonly installHint?: string
  readonly interactiveMode?: 'Never' | 'IfAvailable' | 'Always'
  readonly provideClusterInfo?: boolean
}

export interface UserEntry {
  readonly token?: string
  readonly tokenFile?: string
  readonly 'client-certificate'?: string
  readonly 'client-certificate-data'?: string
  readonly 'client-key'?: string
  readonly 'client-key-data'?: string
  readonly username?: string
  readonly password?: string
  readonly as?: string
  readonly 'as-uid'?: string
  readonly 'as-groups'?: readonly string[]
  readonly exec?: ExecEntry | null
  readonly 'auth-provider'?: { readonly name: string; readonly config?: Readonly<Record<string, string>> } | null
}

export interface ContextEntry {
  readonly cluster?: string
  readonly user?: string
  readonly namespace?: string
}

interface Named {
  readonly name?: string
}

interface Document {
  readonly 'current-context'?: string
  readonly clusters?: readonly (Named & { readonly cluster?: ClusterEntry })[] | null
  readonly users?: readonly (Named & { readonly user?: UserEntry })[] | null
  readonly contexts?: readonly (Named & { readonly context?: ContextEntry })[] | null
}

/** One parsed file. */
export interface KubeconfigDocument {
  readonly path: string
  readonly content: unknown
}

/** Puts several files together as kubectl does: of every name, and of the current context, the first file that has it counts. */
export function mergeKubeconfigs(documents: readonly KubeconfigDocument[]): Kubeconfig {
  const clusters = new Map<string, ClusterEntry>()
  const users = new Map<string, UserEntry>()
  const contexts = new Map<string, ContextEntry>()
  let currentContext: string | undefined
  for (const { path: file, content } of documents) {
    const document = (content ?? {}) as Document
    if (typeof document !== 'object') throw new TypeError(`${file} is no kubeconfig`)
    currentContext ??= document['current-context'] || undefined
    const absolute = absoluteFrom(path.dirname(file))
    for (const { name, cluster } of document.clusters ?? [])
      put(clusters, name, cluster && absolute(cluster, clusterFiles))
    for (const { name, user } of document.users ?? []) {
      put(
        users,
        name,
        user && { ...absolute(user, userFiles), ...(user.exec && { exec: absoluteExec(file, user.exec) }) },
      )
    }
    for (const { name, context } of document.contexts ?? []) put(contexts, name, context)
  }
  return { currentContext, clusters, users, contexts }
}

const clusterFiles = ['certificate-authority'] as const
const userFiles = ['client-certificate', 'client-key', 'tokenFile'] as const

function put<Entry>(entries: Map<string, Entry>, name: string | undefined, entry: Entry | undefined): void {
  if (name !== undefined && entry !== undefined && entry !== null && !entries.has(name)) entries.set(name, entry)
}

function absoluteFrom(folder: string) {
  return <Entry extends object>(entry: Entry, names: readonly (keyof Entry)[]): Entry => {
    const changed = names.flatMap((name) => {
      const value = entry[name]
      return typeof value === 'string' && value !== '' ? [[name, path.resolve(folder, value)] as const] : []
    })
    return { ...entry, ...Object.fromEntries(changed) }
  }
}

/** A command with a folder in its name is beside the file that names it; a bare one is looked for on the PATH. */
function absoluteExec(file: string, exec: ExecEntry): ExecEntry {
  const { command } = exec
  if (command === undefined || !/[/\\]/.test(command)) return exec
  return { ...exec, command: path.resolve(path.dirname(file), command) }
}
