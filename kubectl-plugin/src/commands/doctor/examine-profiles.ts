import type { DatabaseProfile, LLMProfile } from '@amx/api'
import type { CommandIO } from '../../command-io.ts'
import type { Connection } from '../../connection/connection.ts'
import { resourcePath } from '../../connection/kubernetes-client.ts'
import type { Check, Get } from './check.ts'
import { profileChecks, type SeenProfile } from './profile-checks.ts'
import { requestTests, type TestRequest } from './request-tests.ts'

/** Of a Secret only its metadata is asked for: its values never leave the cluster. */
const metadataOnly = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io'

type NamedProfile = SeenProfile & { readonly secretNames: readonly (string | undefined)[] }

/** Looks at the profiles of the namespace and their Secrets, after a test of all of them where one is asked for. */
export async function examineProfiles(
  { kubernetes, namespace }: Connection,
  get: Get,
  io: CommandIO,
  test: TestRequest | null,
): Promise<Check[]> {
  async function list(): Promise<NamedProfile[]> {
    const [databases, models] = await Promise.all([
      get<{ items: DatabaseProfile[] }>(resourcePath('DatabaseProfile', namespace)),
      get<{ items: LLMProfile[] }>(resourcePath('LLMProfile', namespace)),
    ])
    return [
      ...('answer' in databases ? databases.answer.items : []).map((profile) => ({
        ...{ ...profile, kind: 'DatabaseProfile' as const },
        secretNames: [profile.spec.readerSecretRef.name, profile.spec.writerSecretRef?.name],
      })),
      ...('answer' in models ? models.answer.items : []).map((profile) => ({
        ...{ ...profile, kind: 'LLMProfile' as const },
        secretNames: [profile.spec.apiKeySecretRef?.name],
      })),
    ]
  }

  async function checksOf(profile: NamedProfile): Promise<Check[]> {
    const names = profile.secretNames.filter((name) => name !== undefined)
    const secrets = names.map(async (name) => ({
      name,
      asked: await get(`api/v1/namespaces/${namespace}/secrets/${name}`, metadataOnly),
    }))
    return profileChecks(profile, await Promise.all(secrets), io.now())
  }

  const unanswered = test === null ? [] : await requestTests(kubernetes, list, test, io.signal)
  const profiles = await list()
  if (profiles.length === 0) {
    const remedy = 'Create a DatabaseProfile and an LLMProfile: see docs/concepts.'
    return [{ part: 'databases', state: 'Warn', says: `no profile in namespace ${namespace}`, remedy }]
  }
  return [...(await Promise.all(profiles.map(checksOf))).flat(), ...unanswered]
}
