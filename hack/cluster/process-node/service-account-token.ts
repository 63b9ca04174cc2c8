import type { KubeApi } from './kube-api.ts'
import type { Pod, TokenSource } from './pod-types.ts'

/** A token and the time from which a newer one should be used. */
export interface IssuedToken {
  token: string
  renewAtMs: number
}

interface TokenRequest {
  status: { token: string; expirationTimestamp: string }
}

const dayMs = 86_400_000

/**
 * When a token is renewed: at 80 % of its life or after a day, whichever comes first. The kubelet's rule.
 */
export function renewalTimeMs(issuedAtMs: number, expiresAtMs: number): number {
  return issuedAtMs + Math.min(dayMs, Math.max(1_000, (expiresAtMs - issuedAtMs) * 0.8))
}

/** Asks for a token of the pod's service account that is bound to the pod. Throws KubeApiError for a refusal. */
export async function requestToken(
  api: KubeApi,
  pod: Pod,
  source: TokenSource,
  signal: AbortSignal,
): Promise<IssuedToken> {
  const { namespace, name, uid } = pod.metadata
  const account = pod.spec.serviceAccountName ?? 'default'
  const issuedAtMs = Date.now()
  const answer = await api.call<TokenRequest>(
    'POST',
    `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`,
    {
      signal,
      body: {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: {
          ...(source.audience ? { audiences: [source.audience] } : {}),
          expirationSeconds: source.expirationSeconds ?? 3_600,
          boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
        },
      },
    },
  )
  const { token, expirationTimestamp } = answer.status
  return { token, renewAtMs: renewalTimeMs(issuedAtMs, Date.parse(expirationTimestamp)) }
}
