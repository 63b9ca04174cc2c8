import { AmxError, parseDurationMs } from '@amx/api'
import type { Command } from 'commander'

/** Flags that say which cluster, who, and where the server is; the same names as kubectl's. */
export interface ConnectionOptions {
  readonly kubeconfig?: string
  readonly context?: string
  readonly cluster?: string
  readonly user?: string
  readonly namespace?: string
  readonly token?: string
  readonly as?: string
  readonly asGroup?: readonly string[]
  readonly asUid?: string
  readonly certificateAuthority?: string
  readonly tlsServerName?: string
  readonly insecureSkipTlsVerify?: boolean
  readonly clientCertificate?: string
  readonly clientKey?: string
  readonly requestTimeout?: string
  readonly server?: string
}

/** Adds the flags to a command. */
export function addConnectionOptions(command: Command): Command {
  return command
    .optionsGroup('Connection:')
    .option('--kubeconfig <file>', 'kubeconfig to use (default: $KUBECONFIG, then ~/.kube/config)')
    .option('--context <name>', 'context of the kubeconfig')
    .option('--cluster <name>', 'cluster of the kubeconfig')
    .option('--user <name>', 'user of the kubeconfig')
    .option('-n, --namespace <name>', 'namespace (default: that of the context)')
    .option('--token <token>', 'bearer token to sign in with')
    .option('--as <user>', 'act as another user, where you may')
    .option('--as-group <group>', 'act as a member of a group; can be given several times', collect, undefined)
    .option('--as-uid <uid>', 'act as the user with this UID')
    .option('--client-certificate <file>', 'certificate to sign in with')
    .option('--client-key <file>', 'its key')
    .option('--certificate-authority <file>', 'certificate of the authority to trust')
    .option('--tls-server-name <name>', "name in the API server's certificate")
    .option('--insecure-skip-tls-verify', 'trust any certificate, which lets others read along')
    .option('--request-timeout <time>', 'longest one request may take, such as 10s (0: as long as it takes)', '30s')
    .option('--server <url>', 'AMX server (default: $AMX_SERVER, then what its Service in the cluster names)')
}

/** The longest time that a timer of Node.js can wait: nearly 25 days. */
const longestMs = 2 ** 31 - 1

/** Milliseconds of `--request-timeout`; as with kubectl, a bare number is of seconds, and 0 waits as long as it takes. */
export function requestTimeoutMs({ requestTimeout = '30s' }: ConnectionOptions): number {
  if (/^0+(ms|[smh])?$/.test(requestTimeout)) return longestMs
  const text = /^\d+$/.test(requestTimeout) ? `${requestTimeout}s` : requestTimeout
  return Math.min(longestMs, parseDurationMs(text, '--request-timeout'))
}

/** A command-line value gathered over several uses of its flag. */
export function collect(value: string, earlier: readonly string[] | undefined): readonly string[] {
  return [...(earlier ?? []), value]
}

/** A usage error in words, with exit code 2. */
export function usageError(problem: string): AmxError {
  return new AmxError('AMX-1014', { problem })
}
