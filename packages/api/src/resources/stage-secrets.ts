import type { Stage } from '../vocabulary.ts'
import type { DatabaseProfileSpec } from './database-profile.ts'
import { defaults } from './defaults.ts'
import type { LLMProfileSpec } from './llm-profile.ts'

/** A Secret as the pod of a stage gets it: which keys, each under which file name. */
export interface MountedSecret {
  readonly secretName: string
  readonly items: readonly { readonly key: string; readonly file: string }[]
}

/** File names under which the worker finds what a Secret holds. */
export const credentialFiles = { username: 'username', password: 'password', ca: 'ca.crt', apiKey: 'apiKey' } as const

/**
 * The Secrets that the Job of a stage needs for one target, and no more: the reader's for `profile`, the writer's for `apply`,
 * with the CA where the profile names one; none for `draft`, nor for `apply` through a read-only profile.
 */
export function targetSecrets(stage: Stage, profile: DatabaseProfileSpec): MountedSecret[] {
  const credentials =
    stage === 'profile' ? profile.readerSecretRef : stage === 'apply' ? profile.writerSecretRef : undefined
  if (!credentials) return []
  const ca = profile.postgresql?.tls?.caSecretRef
  return [
    {
      secretName: credentials.name,
      items: [
        { key: 'username', file: credentialFiles.username },
        { key: 'password', file: credentialFiles.password },
      ],
    },
    ...(ca
      ? [
          {
            secretName: ca.name,
            items: [{ key: ca.key ?? defaults.databaseProfile.postgresql.caKey, file: credentialFiles.ca }],
          },
        ]
      : []),
  ]
}

/** The Secret with the model's key, for the `draft` stage; null when the profile names none. */
export function modelSecret(stage: Stage, profile: LLMProfileSpec | null): MountedSecret | null {
  const reference = stage === 'draft' ? profile?.apiKeySecretRef : undefined
  if (!reference) return null
  return {
    secretName: reference.name,
    items: [{ key: reference.key ?? defaults.llmProfile.apiKeyKey, file: credentialFiles.apiKey }],
  }
}
