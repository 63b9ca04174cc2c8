import type { ConnectionOptions } from 'node:tls'
import type { PostgresqlConnection } from '@amx/api'

export type TlsOptions = ConnectionOptions | false

/** libpq's four TLS modes in the words of Node's TLS: encrypt only, check the chain, check the chain and the host's name. */
export function tlsOptions(connection: PostgresqlConnection, ca: string | undefined): TlsOptions {
  const authority = ca === undefined ? {} : { ca }
  switch (connection.tlsMode) {
    case 'disable':
      return false
    case 'require':
      return { rejectUnauthorized: false }
    case 'verify-ca':
      return { ...authority, rejectUnauthorized: true, checkServerIdentity: () => undefined }
    case 'verify-full':
      return { ...authority, rejectUnauthorized: true }
  }
}
