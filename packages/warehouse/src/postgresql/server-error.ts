import { AmxError, type ErrorCode } from '@amx/api'

/** What PostgreSQL says about a failure; every field as the server sent it. */
export interface ServerError {
  readonly sqlState: string
  readonly message: string
  readonly detail: string | null
  /** The place in the server's source, the same in every language of its messages. */
  readonly routine: string | null
}

/** The server's own report inside a thrown value, or null when it did not come from the server. */
export function serverErrorOf(thrown: unknown): ServerError | null {
  if (!(thrown instanceof Error)) return null
  const { code, detail, routine } = thrown as Error & Readonly<Record<'code' | 'detail' | 'routine', unknown>>
  if (typeof code !== 'string' || !/^[0-9A-Z]{5}$/.test(code)) return null
  return {
    sqlState: code,
    message: thrown.message,
    detail: typeof detail === 'string' ? detail : null,
    routine: typeof routine === 'string' ? routine : null,
  }
}

const codeOfState: Readonly<Record<string, ErrorCode>> = {
  '42501': 'AMX-2003',
  '57014': 'AMX-2004',
  '55P03': 'AMX-2005',
  '40P01': 'AMX-2005',
  '42P01': 'AMX-2011',
  '42703': 'AMX-2011',
  '3F000': 'AMX-2011',
  '42809': 'AMX-2011',
  '25006': 'AMX-2012',
  '53300': 'AMX-2013',
  '3D000': 'AMX-2007',
  '28P01': 'AMX-2002',
  '28000': 'AMX-2002',
  '57P01': 'AMX-2001',
  '57P02': 'AMX-2001',
  '57P03': 'AMX-2001',
}

/** The catalogue code of an SQLSTATE when reading. */
export function codeWhenReading(sqlState: string): ErrorCode {
  if (sqlState.startsWith('08')) return 'AMX-2001'
  return codeOfState[sqlState] ?? 'AMX-2099'
}

/** What a failed statement was about, and how its code is found. */
interface StatementContext {
  readonly asset: string
  readonly target: string
  /** @default {@link codeWhenReading} */
  readonly codeOf?: (server: ServerError) => ErrorCode
}

/** A failed statement as a catalogue error; catalogue errors pass unchanged. */
export function statementError(thrown: unknown, { asset, target, codeOf }: StatementContext): AmxError {
  if (thrown instanceof AmxError) return thrown
  const server = serverErrorOf(thrown)
  if (server === null) {
    const detail = thrown instanceof Error ? thrown.message : String(thrown)
    return new AmxError('AMX-2001', { target, detail: `the connection broke: ${detail}` }, { cause: thrown })
  }
  const code = codeOf === undefined ? codeWhenReading(server.sqlState) : codeOf(server)
  const detail = `${server.message} (SQLSTATE ${server.sqlState})`
  return new AmxError(code, { asset, target, detail }, { cause: thrown })
}

/** A failure to connect as a catalogue error with the target's name; never holds the password. */
export function connectError(thrown: unknown, target: string): AmxError {
  if (thrown instanceof AmxError) return thrown
  const server = serverErrorOf(thrown)
  if (server !== null) {
    return new AmxError(connectCode(server), { target, asset: target, detail: server.message }, { cause: thrown })
  }
  const message = thrown instanceof Error ? connectMessage(thrown) : String(thrown)
  const code = isTlsFailure(thrown, message) ? 'AMX-2006' : isSignInFailure(message) ? 'AMX-2002' : 'AMX-2001'
  return new AmxError(code, { target, detail: message }, { cause: thrown })
}

function connectCode(server: ServerError): ErrorCode {
  // pg_hba.conf refuses a plain connection with the same SQLSTATE as a wrong role; only its words tell that TLS is wanted.
  if (server.sqlState === '28000' && /no encryption|SSL off/.test(server.message)) return 'AMX-2006'
  if (server.sqlState === '42501') return 'AMX-2003'
  if (isConnectionLimit(server)) return 'AMX-2035'
  return codeWhenReading(server.sqlState)
}

/** Whether a role or a database has no connection left, where the server as a whole still has some. */
export function isConnectionLimit({ sqlState, routine }: Pick<ServerError, 'sqlState' | 'routine'>): boolean {
  return sqlState === '53300' && (routine === 'InitializeSessionUserId' || routine === 'CheckMyDatabase')
}

function connectMessage(error: Error): string {
  if (error instanceof AggregateError && error.message === '') {
    return error.errors.map((inner: unknown) => (inner instanceof Error ? inner.message : String(inner))).join('; ')
  }
  return error.message
}

function isTlsFailure(thrown: unknown, message: string): boolean {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''
  return (
    /^(ERR_TLS|ERR_SSL|ERR_OSSL|EPROTO|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH)/.test(code) ||
    /does not support SSL|SSL connections?|certificate|TLS/i.test(message)
  )
}

function isSignInFailure(message: string): boolean {
  return /SASL|password must be a string|SCRAM/i.test(message)
}
