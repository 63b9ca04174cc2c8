/** A sign-in to keep. Its digest names it; what it holds can be read only with the secret behind the digest. */
export interface SignIn {
  readonly digest: string
  readonly kind: 'Code' | 'Session'
  readonly sealed: Uint8Array
  readonly lifetimeMs: number
}

/** Sign-ins of browsers. */
export interface SignInStore {
  keepSignIn(signIn: SignIn, signal?: AbortSignal): Promise<void>
  /** What a code holds, once; null when it is unknown, was taken or is over. */
  takeSignInCode(digest: string, signal?: AbortSignal): Promise<Uint8Array | null>
  findSession(
    digest: string,
    signal?: AbortSignal,
  ): Promise<{ readonly sealed: Uint8Array; readonly expiresAt: Date } | null>
  endSession(digest: string, signal?: AbortSignal): Promise<void>
}
