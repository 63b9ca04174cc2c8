import type { Database } from '../database.ts'
import type { SignIn } from './contract.ts'

/** Keeps a sign-in, and forgets those that are over. */
export async function keepSignIn(database: Database, signIn: SignIn, signal?: AbortSignal): Promise<void> {
  const { digest, kind, sealed, lifetimeMs } = signIn
  await database.transaction(async (tx) => {
    await tx.rows('delete from amx.sign_ins where expires_at < now()')
    await tx.rows(
      `insert into amx.sign_ins (digest, kind, sealed, expires_at)
       values ($1, $2, $3, now() + $4 * interval '1 millisecond')`,
      [digest, kind, sealed, lifetimeMs],
    )
  }, signal)
}

/** What a code holds; it is gone with this, so that of two who bring it one gets nothing. */
export async function takeSignInCode(
  database: Database,
  digest: string,
  signal?: AbortSignal,
): Promise<Uint8Array | null> {
  signal?.throwIfAborted()
  const [row] = await database.rows<{ sealed: Uint8Array }>(
    "delete from amx.sign_ins where digest = $1 and kind = 'Code' and expires_at > now() returning sealed",
    [digest],
  )
  return row?.sealed ?? null
}

export async function findSession(
  database: Database,
  digest: string,
  signal?: AbortSignal,
): Promise<{ readonly sealed: Uint8Array; readonly expiresAt: Date } | null> {
  signal?.throwIfAborted()
  const [row] = await database.rows<{ sealed: Uint8Array; expiresAt: Date }>(
    `select sealed, expires_at as "expiresAt" from amx.sign_ins
     where digest = $1 and kind = 'Session' and expires_at > now()`,
    [digest],
  )
  return row ?? null
}

export async function endSession(database: Database, digest: string, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted()
  await database.rows("delete from amx.sign_ins where digest = $1 and kind = 'Session'", [digest])
}
