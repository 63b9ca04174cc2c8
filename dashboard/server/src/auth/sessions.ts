import { AmxError, type SignInCode } from '@amx/api'
import type { ServerStore } from '@amx/store'
import type { UserInfo } from '../kubernetes/cluster-api.ts'
import type { Impersonation } from './impersonation.ts'
import { createSecret, digestOf, seal, unseal } from './sealed.ts'

/** How a browser's caller signed in, with the credential of the program that asked for the code. */
export interface SignedIn {
  /** Asked about again with every request; null for a caller with a client certificate. */
  readonly token: string | null
  /** Who came with the certificate. */
  readonly user: UserInfo
  readonly impersonation: Impersonation | null
}

export interface Session extends SignedIn {
  readonly expiresAt: Date
}

export interface Sessions {
  /** A code for a browser that is to be signed in the same way; good once, for a minute. */
  createCode(signedIn: SignedIn, lifetimeMs: number, signal: AbortSignal): Promise<SignInCode>
  /** The secret of a new session. Throws AMX-1066 for a code that is not good any more. */
  begin(code: string, signal: AbortSignal): Promise<{ readonly secret: string; readonly lifetimeMs: number }>
  /** The session of a secret; null when it is over. */
  find(secret: string): Promise<Session | null>
  end(secret: string, signal: AbortSignal): Promise<void>
}

const codeMs = 60_000

interface Sealed extends SignedIn {
  readonly until: number
}

/** Sessions that live in the store, sealed with what only the browser knows: any replica of the server takes them. */
export function createSessions(store: () => ServerStore): Sessions {
  return {
    async createCode({ token, user, impersonation }, lifetimeMs, signal) {
      const code = createSecret()
      const sealed = seal(code, { token, user, impersonation, until: Date.now() + lifetimeMs } satisfies Sealed)
      await store().keepSignIn({ digest: digestOf(code), kind: 'Code', sealed, lifetimeMs: codeMs }, signal)
      return { code, expiresAt: new Date(Date.now() + codeMs).toISOString() }
    },
    async begin(code, signal) {
      const sealed = await store().takeSignInCode(digestOf(code), signal)
      if (sealed === null) throw new AmxError('AMX-1066', {})
      const signedIn = unseal<Sealed>(code, sealed)
      const secret = createSecret()
      const lifetimeMs = Math.max(0, signedIn.until - Date.now())
      const kept = { digest: digestOf(secret), kind: 'Session' as const, sealed: seal(secret, signedIn), lifetimeMs }
      await store().keepSignIn(kept, signal)
      return { secret, lifetimeMs }
    },
    async find(secret) {
      const found = await store().findSession(digestOf(secret))
      return found === null ? null : { ...unseal<Sealed>(secret, found.sealed), expiresAt: found.expiresAt }
    },
    end: (secret, signal) => store().endSession(digestOf(secret), signal),
  }
}
