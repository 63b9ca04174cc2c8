import { createHash } from 'node:crypto'
import type { MountedSecret, ProfileTestPart, Stage } from '@amx/api'
import type { V1Container, V1Volume, V1VolumeMount } from '@kubernetes/client-node'
import { jobAnnotations, jobLabels } from './job-labels.ts'
import { type BuiltJob, podVolumes, tokenFolder, tokenVolume, workerContainer, workerJob } from './worker-job.ts'

/** What the operator is set up with and every Job gets. */
export interface WorkerSetup {
  readonly image: string
  /** Where workers reach the AMX server. */
  readonly serverUrl: string
  /** @default default */
  readonly serviceAccountName?: string
  /** @default info */
  readonly logLevel?: string
}

export interface StageJob {
  readonly run: { readonly name: string; readonly namespace: string; readonly uid: string }
  readonly stage: Stage
  /** From 1. */
  readonly attempt: number
  /** Failures in a row, without progress in between, before this attempt. */
  readonly failures: number
  /** Progress of the stage so far, to tell later whether this attempt got on. */
  readonly progress: number
  /** Per target the Secrets its pod may read; an empty list where the stage needs none. */
  readonly targetSecrets: readonly (readonly MountedSecret[])[]
  readonly modelSecret: MountedSecret | null
}

/** The stage a test's Job is labelled with: one per credential. */
export type TestStage = `test-${Lowercase<ProfileTestPart>}`

export const credentialsFolder = '/var/run/amx/credentials'
export const modelFolder = '/var/run/amx/model'

/** The Job of one attempt at a stage. Its pod gets the credentials of this stage and no others. */
export function buildJob(job: StageJob, setup: WorkerSetup): BuiltJob {
  const { volumes, volumeMounts, mount } = podVolumes()
  mount(tokenVolume(), tokenFolder)
  // One volume with a folder per target, so that the folder all of them are in is a mount itself.
  const credentials = job.targetSecrets.flatMap((secrets, index) => secrets.map((secret) => inFolder(secret, index)))
  if (credentials.length > 0) mount(secretsVolume('credentials', credentials), credentialsFolder)
  if (job.modelSecret !== null) mount(secretsVolume('model', [job.modelSecret]), modelFolder)
  mount({ name: 'tmp', emptyDir: { sizeLimit: '64Mi' } }, '/tmp')

  return workerJob({
    name: jobName(job.run.name, job.stage, job.attempt),
    namespace: job.run.namespace,
    owner: { kind: 'MetadataRun', name: job.run.name, uid: job.run.uid },
    labels: jobLabels(job),
    annotations: jobAnnotations(job),
    container: container(job, setup, volumeMounts),
    volumes,
    ...(setup.serviceAccountName !== undefined && { serviceAccountName: setup.serviceAccountName }),
  })
}

/** `<run>-<stage>-<attempt>`; a long run name is cut and told apart by a hash, so that it is a valid label as well. */
export function jobName(runName: string, stage: Stage | 'index' | TestStage, attempt: number): string {
  const tail = `-${stage}-${attempt}`
  // A Job's name becomes a label of its pods: no dots, at most 63 characters.
  const plain = runName.replaceAll('.', '-')
  if (plain === runName && plain.length + tail.length <= 63) return `${plain}${tail}`
  const hash = createHash('sha256').update(runName).digest('hex').slice(0, 8)
  const head = plain.slice(0, 63 - tail.length - hash.length - 1).replace(/-+$/, '')
  return `${head}-${hash}${tail}`
}

function container(job: StageJob, setup: WorkerSetup, volumeMounts: V1VolumeMount[]): V1Container {
  return workerContainer(job.stage, setup, {
    env: [
      { name: 'AMX_RUN_UID', value: job.run.uid },
      { name: 'AMX_CREDENTIALS_DIR', value: credentialsFolder },
      ...(job.modelSecret === null ? [] : [{ name: 'AMX_MODEL_KEY_FILE', value: `${modelFolder}/apiKey` }]),
      // Calls are short-lived garbage: a small space for it is collected often and keeps the pod 50 MiB smaller.
      { name: 'NODE_OPTIONS', value: '--max-semi-space-size=4' },
    ],
    volumeMounts,
  })
}

/** A Secret whose files lie in a folder of their own. */
export function inFolder({ secretName, items }: MountedSecret, folder: number): MountedSecret {
  return { secretName, items: items.map(({ key, file }) => ({ key, file: `${folder}/${file}` })) }
}

/** A volume of the keys a pod needs. What is optional may be absent: the pod starts all the same. */
export function secretsVolume(
  name: string,
  secrets: readonly MountedSecret[],
  presence: 'Needed' | 'Optional' = 'Needed',
): V1Volume {
  const sources = secrets.map(({ secretName, items }) => ({
    secret: {
      name: secretName,
      items: items.map(({ key, file }) => ({ key, path: file })),
      ...(presence === 'Optional' && { optional: true }),
    },
  }))
  return { name, projected: { defaultMode: 0o440, sources } }
}
