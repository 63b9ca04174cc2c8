import { spawn } from 'node:child_process'
import { AmxError } from '@amx/api'
import type { CommandIO } from '../command-io.ts'
import type { ClusterEntry, ExecEntry } from './kubeconfig.ts'

/** What a credential plugin gave. */
export interface ExecCredential {
  readonly token?: string
  readonly clientCertificateData?: string
  readonly clientKeyData?: string
}

const versions = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1']

/**
 * Runs the credential plugin of a kubeconfig user
 * (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins). Its standard error is the
 * command's own, so that it can ask; its standard input is the terminal's where it may be. Throws AMX-1068.
 */
export async function execCredential(exec: ExecEntry, cluster: ClusterEntry, io: CommandIO): Promise<ExecCredential> {
  const { command, apiVersion = '', interactiveMode = 'IfAvailable', installHint } = exec
  if (!command) throw refused('the exec plugin of the kubeconfig names no command')
  if (!versions.includes(apiVersion)) {
    throw refused(`the exec plugin speaks "${apiVersion}"; this version understands ${versions.join(' and ')}`)
  }
  if (interactiveMode === 'Always' && !io.interactive.stdin) {
    throw refused(`the exec plugin "${command}" has to ask, and there is no terminal: sign in on one first`)
  }
  const interactive = interactiveMode !== 'Never' && io.interactive.stdin
  const info = {
    apiVersion,
    kind: 'ExecCredential',
    spec: { interactive, ...(exec.provideClusterInfo && { cluster: clusterInfo(cluster) }) },
  }
  const variables = Object.fromEntries((exec.env ?? []).map(({ name, value }) => [name, value]))
  const env = { ...io.env, ...variables, KUBERNETES_EXEC_INFO: JSON.stringify(info) }
  const output = await outputOf(command, exec.args ?? [], { env, interactive, installHint, io })
  return credentialOf(command, output, io.now())
}

interface PluginRun {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly interactive: boolean
  readonly installHint: string | undefined
  readonly io: CommandIO
}

function outputOf(command: string, args: readonly string[], { env, interactive, installHint, io }: PluginRun) {
  return new Promise<string>((resolve, reject) => {
    const child = spawn(command, args, {
      env,
      stdio: [interactive ? 'inherit' : 'ignore', 'pipe', 'pipe'],
      signal: io.signal,
    })
    let output = ''
    let complaint = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      complaint += text
      io.stderr.write(text)
    })
    child.once('error', (error: NodeJS.ErrnoException) => {
      const hint = installHint === undefined ? '' : `: ${installHint.trim()}`
      reject(
        error.code === 'ENOENT'
          ? refused(`the exec plugin "${command}" is not installed${hint}`)
          : refused(`the exec plugin "${command}" cannot be run (${error.message})`),
      )
    })
    child.once('close', (code) => {
      if (code === 0) resolve(output)
      else reject(refused(`the exec plugin "${command}" ended with ${code}: ${complaint.trim() || 'it said nothing'}`))
    })
  })
}

function credentialOf(command: string, output: string, now: Date): ExecCredential {
  let answer: { kind?: string; status?: ExecCredential & { expirationTimestamp?: string } }
  try {
    answer = JSON.parse(output)
  } catch {
    throw refused(`the exec plugin "${command}" gave no JSON`)
  }
  const { kind, status } = answer
  if (kind !== 'ExecCredential' || status === undefined) {
    throw refused(`the exec plugin "${command}" gave no ExecCredential with a status`)
  }
  if (!status.token && !(status.clientCertificateData && status.clientKeyData)) {
    throw refused(`the exec plugin "${command}" gave neither a token nor a certificate with its key`)
  }
  const { expirationTimestamp } = status
  if (expirationTimestamp !== undefined && Date.parse(expirationTimestamp) <= now.getTime()) {
    throw refused(`the exec plugin "${command}" gave a credential that expired at ${expirationTimestamp}`)
  }
  return status
}

/** The cluster as plugins are told of it; its CA travels as base64 text. */
function clusterInfo(cluster: ClusterEntry): object {
  const config = cluster.extensions?.find(({ name }) => name === 'client.authentication.k8s.io/exec')?.extension
  const copied = [
    'server',
    'tls-server-name',
    'insecure-skip-tls-verify',
    'certificate-authority-data',
    'proxy-url',
  ] as const
  const known = copied.filter((name) => cluster[name] !== undefined).map((name) => [name, cluster[name]])
  return { ...Object.fromEntries(known), ...(config !== undefined && { config }) }
}

function refused(problem: string): AmxError {
  return new AmxError('AMX-1068', { problem })
}
