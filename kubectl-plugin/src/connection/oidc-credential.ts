import { readFileSync } from 'node:fs'
import { rootCertificates } from 'node:tls'
import { AmxError } from '@amx/api'
import { bodyText, httpCall } from './http-call.ts'
import type { UserEntry } from './kubeconfig.ts'

/** Tokens an issuer gave for a refresh token; the next refresh token, where it changes them. */
export interface RenewedTokens {
  readonly idToken: string
  readonly refreshToken: string | null
}

type OidcConfig = Readonly<Record<string, string>>

const timeoutMs = 30_000

/** The configuration of a user whose `auth-provider` is `oidc`; null for anybody else. */
export function oidcConfigOf(user: UserEntry): OidcConfig | null {
  const provider = user['auth-provider']
  return provider?.name === 'oidc' ? (provider.config ?? {}) : null
}

/** Whether an ID token (RFC 7519) still holds; one that says nothing of its end is taken for one that does. */
export function holds(idToken: string, now: Date): boolean {
  try {
    const claims = JSON.parse(Buffer.from(idToken.split('.')[1] ?? '', 'base64url').toString('utf8')) as {
      exp?: number
    }
    return claims.exp === undefined || claims.exp * 1000 > now.getTime()
  } catch {
    return true
  }
}

/**
 * Renews the tokens of a user at the issuer (OpenID Connect Core, section 12). Throws AMX-1068 when the kubeconfig does not say how,
 * or the issuer refuses.
 */
export async function renewTokens(config: OidcConfig, signal: AbortSignal): Promise<RenewedTokens> {
  const {
    'client-id': clientId,
    'client-secret': secret,
    'refresh-token': refreshToken,
    'idp-issuer-url': issuer,
  } = config
  if (!clientId || !refreshToken || !issuer) {
    throw new AmxError('AMX-1068', {
      problem:
        'the ID token has run out, and the kubeconfig has no client-id, refresh-token or idp-issuer-url to renew it with',
    })
  }
  // Only whoever signs in so pays for loading it.
  const { ClientSecretPost, customFetch, discovery, None, refreshTokenGrant } = await import('openid-client')
  const options = { timeout: timeoutMs / 1000, [customFetch]: fetchTrusting(authorityOf(config), signal) }
  try {
    const authentication = secret ? ClientSecretPost(secret) : None()
    const configuration = await discovery(new URL(issuer), clientId, undefined, authentication, options)
    const answer = await refreshTokenGrant(configuration, refreshToken)
    if (answer.id_token === undefined) throw new Error('the issuer gave no ID token')
    return { idToken: answer.id_token, refreshToken: answer.refresh_token ?? null }
  } catch (error) {
    throw new AmxError(
      'AMX-1068',
      { problem: `the ID token cannot be renewed at ${issuer}: ${wordsOf(error)}` },
      { cause: error },
    )
  }
}

function authorityOf(config: OidcConfig): string | null {
  const data = config['idp-certificate-authority-data']
  if (data) return Buffer.from(data, 'base64').toString('utf8')
  const path = config['idp-certificate-authority']
  return path ? readFileSync(path, 'utf8') : null
}

/** A fetch that trusts an authority of the kubeconfig beside the public ones. */
function fetchTrusting(authority: string | null, signal: AbortSignal) {
  return async (
    url: string,
    init: { method: string; headers: Record<string, string>; body?: unknown },
  ): Promise<Response> => {
    const { status, stream } = await httpCall({
      method: init.method === 'POST' ? 'POST' : 'GET',
      url: new URL(url),
      security: authority === null ? {} : { ca: [...rootCertificates, authority] },
      headers: init.headers,
      ...(init.body != null && { body: String(init.body) }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      idleMs: timeoutMs,
    })
    const headers = Object.entries(stream.headers).flatMap(([name, value]): [string, string][] =>
      typeof value === 'string' ? [[name, value]] : [],
    )
    return new Response(await bodyText(stream), { status, headers })
  }
}

/** The issuer's own words before the library's. */
function wordsOf(error: unknown): string {
  const told = (error as { error_description?: unknown }).error_description
  if (typeof told === 'string') return told
  const { cause, message } = error as Error
  return cause instanceof Error ? `${message} (${cause.message})` : message
}
