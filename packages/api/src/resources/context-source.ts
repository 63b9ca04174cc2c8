import { type Static, Type } from 'typebox'
import { contextConditionTypes } from './conditions.ts'
import { defaults } from './defaults.ts'
import type { AmxObject } from './object-meta.ts'
import {
  conditionsOf,
  duration,
  exactlyOne,
  field,
  integer,
  lastErrorSchema,
  list,
  nameOf,
  oneOf,
  reference,
  text,
  time,
} from './schema-parts.ts'

const glob = text(512, { description: 'A glob over paths, such as docs/**/*.md.', minLength: 1 })

export const contextSourceSpecSchema = Type.Object(
  {
    kind: oneOf(['Documents', 'Code'] as const, {
      description: 'Documents: prose, cut by headings; Code: source code, cut by symbols.',
    }),
    git: Type.Optional(
      Type.Object(
        {
          url: text(2048, {
            description: 'Repository, as https:// or http://; other ways are refused in the status.',
            pattern: '^(https?|ssh|git)://[^\\s]+$',
          }),
          ref: Type.Optional(
            text(255, { description: "Branch, tag or commit. Default: the repository's own default." }),
          ),
          path: Type.Optional(text(1024, { description: 'Folder inside the repository. Default: all of it.' })),
          secretRef: Type.Optional(
            reference('Secret', {
              description: 'Secret with username and password, or token. Default: none, the repository is public.',
            }),
          ),
        },
        { description: 'A Git repository.' },
      ),
    ),
    configMap: Type.Optional(
      Type.Object({ name: nameOf('ConfigMap') }, { description: 'A ConfigMap: each key is a document.' }),
    ),
    http: Type.Optional(
      Type.Object(
        {
          urls: list(text(2048, { description: 'An address.', pattern: '^https?://[^\\s]+$' }), {
            description: 'Pages to fetch.',
            minItems: 1,
            maxItems: 200,
          }),
          secretRef: Type.Optional(
            reference('Secret', {
              description: 'Secret with username and password, or token. Default: none, the pages are public.',
            }),
          ),
        },
        { description: 'Pages of a web server.' },
      ),
    ),
    s3: Type.Optional(
      Type.Object(
        {
          bucket: text(255, { description: 'Bucket.', minLength: 1 }),
          prefix: Type.Optional(text(1024, { description: 'Only keys that begin like this. Default: all keys.' })),
          endpoint: Type.Optional(
            text(2048, {
              description: 'Address of an S3-compatible service. Default: AWS.',
              pattern: '^https?://[^\\s]+$',
            }),
          ),
          region: Type.Optional(text(64, { description: 'Region. Default: us-east-1.' })),
          secretRef: Type.Optional(
            reference('Secret', {
              description: 'Secret with accessKeyId and secretAccessKey. Default: none, the bucket is public.',
            }),
          ),
        },
        { description: 'A bucket of an S3-compatible service.' },
      ),
    ),
    volume: Type.Optional(
      Type.Object(
        {
          claimName: nameOf('PersistentVolumeClaim'),
          path: Type.Optional(text(1024, { description: 'Folder inside the volume. Default: all of it.' })),
        },
        { description: 'A folder of a volume.' },
      ),
    ),
    include: Type.Optional(list(glob, { description: 'Paths to read, as globs. Default: all.', maxItems: 100 })),
    exclude: Type.Optional(list(glob, { description: 'Paths to leave out, as globs. Default: none.', maxItems: 100 })),
    refreshInterval: Type.Optional(
      duration({
        description: `How often the source is read again. Default: ${defaults.contextSource.refreshInterval}.`,
      }),
    ),
  },
  field({
    description: 'Where the documents or the code come from.',
    rules: [exactlyOne(['git', 'configMap', 'http', 's3', 'volume'])],
  }),
)
export type ContextSourceSpec = Static<typeof contextSourceSpecSchema>

const count = (description: string) => integer({ description, minimum: 0, maximum: Number.MAX_SAFE_INTEGER })

export const contextSourceStatusSchema = Type.Object(
  {
    observedGeneration: Type.Optional(count('Generation of the spec this status is about.')),
    conditions: Type.Optional(conditionsOf(contextConditionTypes, 1024)),
    revision: Type.Optional(text(255, { description: 'Revision that is indexed.' })),
    documents: Type.Optional(count('Documents indexed.')),
    chunks: Type.Optional(count('Chunks indexed.')),
    skipped: Type.Optional(count('Files left out of the index.')),
    skippedFiles: Type.Optional(
      list(
        Type.Object({
          path: text(512, { description: 'File.' }),
          reason: text(256, { description: 'Why it was left out.' }),
        }),
        { description: 'The first files left out, with the reason.', maxItems: 10 },
      ),
    ),
    lastIndexTime: Type.Optional(time({ description: 'When the source was last found to be as indexed.' })),
    nextIndexTime: Type.Optional(time({ description: 'When it is read again.' })),
    lastHandledRequest: Type.Optional(
      text(253, { description: 'Value of the annotation amx.dev/index-now that was handled last.' }),
    ),
    job: Type.Optional(text(63, { description: 'Job that reads the source now, or read it last.' })),
    lastError: Type.Optional(lastErrorSchema()),
  },
  { description: 'What is indexed.' },
)
export type ContextSourceStatus = Static<typeof contextSourceStatusSchema>

export type ContextSource = AmxObject<'ContextSource', ContextSourceSpec, ContextSourceStatus>
