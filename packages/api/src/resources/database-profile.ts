import { type Static, Type } from 'typebox'
import { backends, profilingModes, sampleDisclosures } from '../vocabulary.ts'
import { databaseProfileConditionTypes } from './conditions.ts'
import { defaults } from './defaults.ts'
import type { AmxObject } from './object-meta.ts'
import { testStatusFields } from './profile-test-status.ts'
import {
  conditionsOf,
  duration,
  flag,
  integer,
  list,
  nameOf,
  oneOf,
  reference,
  secretKeyReference,
  text,
  time,
} from './schema-parts.ts'

const standard = defaults.databaseProfile

export const tlsModes = ['disable', 'require', 'verify-ca', 'verify-full'] as const
export type TLSMode = (typeof tlsModes)[number]

const host = text(253, { description: 'Host name or address.', minLength: 1, pattern: '^[^\\s/@]+$' })

const postgresqlSchema = Type.Object(
  {
    host,
    port: Type.Optional(
      integer({ description: `TCP port. Default: ${standard.postgresql.port}.`, minimum: 1, maximum: 65_535 }),
    ),
    database: Type.Optional(
      text(63, {
        description: 'Database to connect to; pins the profile to it. Default: every target of a run names its own.',
        minLength: 1,
      }),
    ),
    tls: Type.Optional(
      Type.Object(
        {
          mode: Type.Optional(
            oneOf(tlsModes, {
              description: `disable: no TLS; require: encrypted, server not checked; verify-ca: certificate checked; verify-full: certificate and host name checked. Default: ${standard.postgresql.tlsMode}.`,
            }),
          ),
          caSecretRef: Type.Optional(
            secretKeyReference(standard.postgresql.caKey, {
              description: 'CA certificate (PEM) the server certificate must come from. Default: the public CAs.',
            }),
          ),
        },
        { description: 'How the connection is secured.' },
      ),
    ),
  },
  { description: 'Connection to PostgreSQL.' },
)

const snowflakeSchema = Type.Object(
  {
    account: text(255, { description: 'Account identifier, such as org-account.', minLength: 1 }),
    warehouse: text(255, { description: 'Virtual warehouse that runs the statements.', minLength: 1 }),
    role: Type.Optional(text(255, { description: "Role to take on. Default: the user's default role." })),
    database: Type.Optional(text(255, { description: 'Database. Default: each target names its own.' })),
    authenticator: Type.Optional(
      oneOf(['Password', 'KeyPair'] as const, { description: 'How to sign in. Default: Password.' }),
    ),
  },
  { description: 'Connection to Snowflake.' },
)

const clickhouseSchema = Type.Object(
  {
    host,
    port: Type.Optional(
      integer({ description: 'HTTP port. Default: 8443, or 8123 when secure is false.', minimum: 1, maximum: 65_535 }),
    ),
    secure: Type.Optional(flag({ description: 'Use HTTPS. Default: true.' })),
    database: Type.Optional(text(255, { description: 'Database. Default: each target names its own.' })),
  },
  { description: 'Connection to ClickHouse.' },
)

const databricksSchema = Type.Object(
  {
    host,
    httpPath: text(1024, { description: 'HTTP path of the SQL warehouse.', minLength: 1 }),
    catalog: Type.Optional(text(255, { description: 'Catalog. Default: each target names its own.' })),
  },
  { description: 'Connection to Databricks SQL.' },
)

const bigquerySchema = Type.Object(
  {
    project: text(63, { description: 'Project that holds the datasets.', minLength: 1 }),
    location: Type.Optional(text(63, { description: 'Location of the jobs. Default: that of the dataset.' })),
    maximumBytesBilled: Type.Optional(
      text(20, {
        description: 'Most bytes one statement may bill, as text. Default: no limit.',
        pattern: '^[0-9]{1,19}$',
      }),
    ),
  },
  { description: 'Connection to BigQuery.' },
)

/** The block of a DatabaseProfile that belongs to each backend. */
export const backendBlocks = {
  PostgreSQL: 'postgresql',
  Snowflake: 'snowflake',
  ClickHouse: 'clickhouse',
  Databricks: 'databricks',
  BigQuery: 'bigquery',
} as const

export const databaseProfileSpecSchema = Type.Object(
  {
    backend: oneOf(backends, { description: 'What kind of warehouse this is.' }),
    postgresql: Type.Optional(postgresqlSchema),
    snowflake: Type.Optional(snowflakeSchema),
    clickhouse: Type.Optional(clickhouseSchema),
    databricks: Type.Optional(databricksSchema),
    bigquery: Type.Optional(bigquerySchema),
    readerSecretRef: reference('Secret', {
      description:
        'Secret with the credentials that read: username and password, or privateKey (and privateKeyPassphrase), token, or credentials.json, by backend. Mounted into the profile Job only.',
    }),
    writerSecretRef: Type.Optional(
      reference('Secret', {
        description:
          'Secret with the credentials that write comments; mounted into the apply Job only. Default: none, the profile is read-only and an apply is refused up front.',
      }),
    ),
    profiling: Type.Optional(
      Type.Object(
        {
          mode: Type.Optional(
            oneOf(profilingModes, {
              description: `Metadata: catalog and planner statistics only; Sampled: sampleRows rows per table; Full: every row. Default: ${standard.profiling.mode}.`,
            }),
          ),
          sampleRows: Type.Optional(
            integer({
              description: `Rows read per table in mode Sampled. Default: ${standard.profiling.sampleRows}.`,
              minimum: 1,
              maximum: 1_000_000,
            }),
          ),
          maximumRows: Type.Optional(
            integer({
              description: `Tables with more rows than this are sampled even in mode Full. Default: ${standard.profiling.maximumRows}.`,
              minimum: 1,
              maximum: 1_000_000_000_000,
            }),
          ),
          exactDistinct: Type.Optional(
            flag({
              description: `Count distinct values exactly in mode Full instead of estimating. Default: ${standard.profiling.exactDistinct}.`,
            }),
          ),
          statementTimeout: Type.Optional(
            duration({ description: `Longest a statement may run. Default: ${standard.profiling.statementTimeout}.` }),
          ),
          connections: Type.Optional(
            integer({
              description: `Connections held at the same time. Default: ${standard.profiling.connections}.`,
              minimum: 1,
              maximum: 64,
            }),
          ),
        },
        { description: 'How much of the data is read.' },
      ),
    ),
    privacy: Type.Optional(
      Type.Object(
        {
          samples: Type.Optional(
            oneOf(sampleDisclosures, {
              description: `What of the values read may reach a model. None: nothing; Masked: shapes and classes, and enumerations that are not personal; Raw: the values themselves. Default: ${standard.privacy.samples}.`,
            }),
          ),
          excludeColumns: Type.Optional(
            list(text(1024, { description: 'A pattern of an asset path.', minLength: 1 }), {
              description:
                'Columns of which only name and type are ever sent, as path patterns such as "*.*.ssn". Default: none.',
              maxItems: 200,
            }),
          ),
        },
        { description: 'What may leave the profile pod.' },
      ),
    ),
    contextRefs: Type.Optional(
      list(Type.Object({ name: nameOf('ContextSource') }, { description: 'A ContextSource.' }), {
        description: 'Documents and code that drafts about this database may cite. Default: none.',
        maxItems: 16,
      }),
    ),
  },
  {
    description: 'What is connected to, and how.',
    'x-kubernetes-validations': [
      ...Object.entries(backendBlocks).map(([backend, block]) => ({
        rule: `has(self.${block}) == (self.backend == '${backend}')`,
        message: `${block} must be set when backend is ${backend}, and only then`,
      })),
    ],
  },
)
export type DatabaseProfileSpec = Static<typeof databaseProfileSpecSchema>

const count = (description: string) => integer({ description, minimum: 0, maximum: Number.MAX_SAFE_INTEGER })

export const databaseProfileStatusSchema = Type.Object(
  {
    observedGeneration: Type.Optional(count('Generation of the spec this status is about.')),
    conditions: Type.Optional(conditionsOf(databaseProfileConditionTypes, 1024)),
    serverVersion: Type.Optional(text(255, { description: 'Version the server reports.' })),
    capabilities: Type.Optional(
      Type.Record(Type.String(), Type.Boolean(), {
        description: 'What the backend and the credentials allow, by name.',
        maxProperties: 32,
      }),
    ),
    inventory: Type.Optional(
      Type.Object(
        {
          schemas: count('Schemas the reader sees.'),
          tables: count('Tables and views the reader sees.'),
          columns: count('Columns the reader sees.'),
          documented: count('Columns that have a comment.'),
        },
        { description: 'What the reader sees, counted at catalogTime.' },
      ),
    ),
    catalogTime: Type.Optional(time({ description: 'When the catalog was last read.' })),
    ...testStatusFields(),
  },
  { description: 'What the last connection test found.' },
)
export type DatabaseProfileStatus = Static<typeof databaseProfileStatusSchema>

export type DatabaseProfile = AmxObject<'DatabaseProfile', DatabaseProfileSpec, DatabaseProfileStatus>
