import type { MountedSecret, ProfileTestAssignment, ProfileTestPart } from '@amx/api'
import {
  credentialsFolder,
  inFolder,
  jobName,
  modelFolder,
  secretsVolume,
  type TestStage,
  type WorkerSetup,
} from './build-job.ts'
import { label } from './job-labels.ts'
import { type BuiltJob, podVolumes, tokenFolder, tokenVolume, workerContainer, workerJob } from './worker-job.ts'

export interface TestJob {
  readonly profile: ProfileTestAssignment['profile'] & { readonly uid: string }
  readonly part: ProfileTestPart
  /** Number of the test, from 1. */
  readonly number: number
  /** Those of this part and no others. */
  readonly secrets: readonly MountedSecret[]
}

// Longer than the worker gives a test; for a pod that cannot start.
const deadlineSeconds = 180

/** The Job that tests one credential of a profile. Its Secrets may be absent: the pod starts and says which. */
export function buildTestJob({ profile, part, number, secrets }: TestJob, setup: WorkerSetup): BuiltJob {
  const { volumes, volumeMounts, mount } = podVolumes()
  mount(tokenVolume(), tokenFolder)
  if (secrets.length > 0) {
    if (part === 'Model') mount(secretsVolume('model', secrets, 'Optional'), modelFolder)
    else {
      const credentials = secrets.map((secret) => inFolder(secret, 0))
      mount(secretsVolume('credentials', credentials, 'Optional'), credentialsFolder)
    }
  }
  mount({ name: 'tmp', emptyDir: { sizeLimit: '64Mi' } }, '/tmp')
  const { kind, name, namespace, uid } = profile
  const stage = testStage(part)

  return workerJob({
    name: jobName(name, stage, number),
    namespace,
    owner: { kind, name, uid },
    labels: {
      'app.kubernetes.io/name': 'amx-worker',
      'app.kubernetes.io/part-of': 'amx',
      'app.kubernetes.io/component': 'test',
      'app.kubernetes.io/managed-by': 'amx-operator',
      [label.profile]: name.slice(0, 63).replace(/[-.]+$/, ''),
      [label.profileUid]: uid,
      [label.stage]: stage,
      [label.attempt]: String(number),
    },
    annotations: { [label.profile]: name },
    container: workerContainer('test', setup, {
      env: [
        { name: 'AMX_CREDENTIALS_DIR', value: credentialsFolder },
        { name: 'AMX_SECRETS', value: JSON.stringify(secrets) },
        ...(part === 'Model' && secrets.length > 0
          ? [{ name: 'AMX_MODEL_KEY_FILE', value: `${modelFolder}/apiKey` }]
          : []),
      ],
      volumeMounts,
    }),
    volumes,
    activeDeadlineSeconds: deadlineSeconds,
    ...(setup.serviceAccountName !== undefined && { serviceAccountName: setup.serviceAccountName }),
  })
}

/** The part and the number of the test an object is labelled with, or null. */
export function testOf(
  labels: Readonly<Record<string, string>> | undefined,
): { readonly part: ProfileTestPart; readonly number: number } | null {
  const part = (['Reader', 'Writer', 'Model'] as const).find((known) => testStage(known) === labels?.[label.stage])
  const number = Number(labels?.[label.attempt])
  return part !== undefined && Number.isInteger(number) && number > 0 ? { part, number } : null
}

function testStage(part: ProfileTestPart): TestStage {
  return `test-${part.toLowerCase() as Lowercase<ProfileTestPart>}`
}
