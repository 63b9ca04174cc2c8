import { rootCertificates } from 'node:tls'
import { AmxError } from '@amx/api'
import { HttpProxyAgent, HttpsProxyAgent } from 'hpagent'
import type { Identity } from './identity.ts'

/** Where a server is, and what its certificate is checked against when its address does not tell. */
export interface ServerPlace {
  readonly url: string
  /** Host name in the certificate, behind a forwarded port. */
  readonly servername?: string
  /** How the place was found, in words. */
  readonly found: string
  /** What the other end of a forwarded port said about a connection it did not take. */
  readonly problem?: () => string | undefined
}

/** The address of a server. Throws AMX-1014 for a text that is none. */
export function parseServerUrl(text: string): URL {
  try {
    const url = new URL(text.endsWith('/') ? text : `${text}/`)
    if (url.protocol === 'http:' || url.protocol === 'https:') return url
  } catch {
    // Said below, in the same words for both.
  }
  throw new AmxError('AMX-1014', {
    problem: `"${text}" is no address of an AMX server: it begins with http:// or https://`,
  })
}

/**
 * How to sign in at the server: with the kubeconfig's certificate or token, trusting its CA beside the public ones. A token goes
 * over plain HTTP to this machine only. Throws AMX-1014 where it would go elsewhere.
 */
export function serverSecurity(
  url: URL,
  servername: string | undefined,
  { security }: Pick<Identity, 'security'>,
): Identity['security'] {
  const { ca, cert, key, passphrase, headers, rejectUnauthorized } = security
  if (url.protocol === 'http:') {
    const authorization = headers !== undefined && 'Authorization' in headers
    if (authorization && !isLoopback(url.hostname)) {
      throw new AmxError('AMX-1014', { problem: `your token is not sent over plain HTTP to ${url.host}: use https://` })
    }
    return headers === undefined ? {} : { headers }
  }
  return {
    ...(ca !== undefined && { ca: [...rootCertificates, ...[ca].flat()] }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(passphrase !== undefined && { passphrase }),
    ...(rejectUnauthorized !== undefined && { rejectUnauthorized }),
    ...(headers !== undefined && { headers }),
    ...(servername !== undefined && { servername }),
  }
}

/** What sends the calls to a server through a proxy. Throws AMX-1014 for an address of a proxy that is none. */
export function proxyAgent(url: URL, proxy: string): HttpProxyAgent | HttpsProxyAgent {
  if (!/^https?:\/\//i.test(proxy) || !URL.canParse(proxy)) {
    throw new AmxError('AMX-1014', {
      problem: `the proxy "${proxy}" is no address that begins with http:// or https://`,
    })
  }
  return url.protocol === 'https:' ? new HttpsProxyAgent({ proxy }) : new HttpProxyAgent({ proxy })
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\./.test(host)
}

/** Codes of Node.js and OpenSSL for a certificate that is not trusted. */
const untrusted =
  /^(ERR_TLS_|CERT_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(GET_ISSUER_CERT|VERIFY_LEAF_SIGNATURE))/

/** The error of a call that got no answer, in our words. */
export function noAnswerFrom(url: URL, error: unknown, problem?: string): AmxError {
  const { code = '', message } = error as Error & { code?: string }
  if (untrusted.test(code)) {
    return new AmxError('AMX-4022', { server: url.origin, detail: message }, { cause: error })
  }
  return new AmxError('AMX-4006', { detail: `${url.origin}: ${problem ?? (message || code)}` }, { cause: error })
}
