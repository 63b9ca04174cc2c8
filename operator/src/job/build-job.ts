import { createHash } from 'node:crypto'
import { apiVersion, type MountedSecret, type Stage } from '@amx/api'
import type { V1Container, V1JobSpec, V1Volume, V1VolumeMount } from '@kubernetes/client-node'
import type { JobObject } from '../cluster/resources.ts'
import { jobAnnotations, jobLabels } from './job-labels.ts'

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

/** A Job with the fields that are always there. */
export interface BuiltJob extends JobObject {
  readonly spec: V1JobSpec
}

export const tokenAudience = 'amx-server'
const tokenFolder = '/var/run/amx/token'
const credentialsFolder = '/var/run/amx/credentials'
const modelFolder = '/var/run/amx/model'
const finishedTtlSeconds = 600
// The user of the worker image; the group lets it read the mounted Secrets.
const workerUser = 65_532
// Longer than the worker's own drain (20 s), so that it hands its units back before it is killed.
const graceSeconds = 30

/** The Job of one attempt at a stage. Its pod gets the credentials of this stage and no others. */
export function buildJob(job: StageJob, setup: WorkerSetup): BuiltJob {
  const labels = jobLabels(job)
  const volumes: V1Volume[] = []
  const volumeMounts: V1VolumeMount[] = []
  function mount(volume: V1Volume, mountPath: string): void {
    volumes.push(volume)
    volumeMounts.push({ name: volume.name, mountPath, ...(volume.emptyDir === undefined && { readOnly: true }) })
  }

  mount(tokenVolume(), tokenFolder)
  // One volume with a folder per target, so that the folder all of them are in is a mount itself.
  const credentials = job.targetSecrets.flatMap((secrets, index) => secrets.map((secret) => inFolder(secret, index)))
  if (credentials.length > 0) mount(secretsVolume('credentials', credentials), credentialsFolder)
  if (job.modelSecret !== null) mount(secretsVolume('model', [job.modelSecret]), modelFolder)
  mount({ name: 'tmp', emptyDir: { sizeLimit: '64Mi' } }, '/tmp')

  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: jobName(job.run.name, job.stage, job.attempt),
      namespace: job.run.namespace,
      labels,
      annotations: jobAnnotations(job),
      ownerReferences: [
        {
          apiVersion,
          kind: 'MetadataRun',
          name: job.run.name,
          uid: job.run.uid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: {
      backoffLimit: 0,
      parallelism: 1,
      completions: 1,
      ttlSecondsAfterFinished: finishedTtlSeconds,
      // A pod taken away by a drain or a preemption is not the work's fault: Kubernetes makes another one.
      podFailurePolicy: {
        rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }],
      },
      template: {
        metadata: { labels, annotations: { 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'true' } },
        spec: {
          restartPolicy: 'Never',
          terminationGracePeriodSeconds: graceSeconds,
          serviceAccountName: setup.serviceAccountName ?? 'default',
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: workerUser,
            runAsGroup: workerUser,
            fsGroup: workerUser,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          containers: [container(job, setup, volumeMounts)],
          volumes,
        },
      },
    },
  }
}

/** `<run>-<stage>-<attempt>`; a long run name is cut and told apart by a hash, so that it is a valid label as well. */
export function jobName(runName: string, stage: Stage, attempt: number): string {
  const tail = `-${stage}-${attempt}`
  // A Job's name becomes a label of its pods: no dots, at most 63 characters.
  const plain = runName.replaceAll('.', '-')
  if (plain === runName && plain.length + tail.length <= 63) return `${plain}${tail}`
  const hash = createHash('sha256').update(runName).digest('hex').slice(0, 8)
  const head = plain.slice(0, 63 - tail.length - hash.length - 1).replace(/-+$/, '')
  return `${head}-${hash}${tail}`
}

function container(job: StageJob, setup: WorkerSetup, volumeMounts: V1VolumeMount[]): V1Container {
  return {
    name: 'worker',
    image: setup.image,
    imagePullPolicy: 'IfNotPresent',
    args: [job.stage],
    env: [
      { name: 'AMX_SERVER_URL', value: setup.serverUrl },
      { name: 'AMX_STAGE', value: job.stage },
      { name: 'AMX_RUN_UID', value: job.run.uid },
      { name: 'AMX_TOKEN_FILE', value: `${tokenFolder}/token` },
      { name: 'AMX_CREDENTIALS_DIR', value: credentialsFolder },
      ...(job.modelSecret === null ? [] : [{ name: 'AMX_MODEL_KEY_FILE', value: `${modelFolder}/apiKey` }]),
      { name: 'AMX_LOG_LEVEL', value: setup.logLevel ?? 'info' },
      { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    ],
    resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '1Gi' } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts,
  }
}

function tokenVolume(): V1Volume {
  const serviceAccountToken = { audience: tokenAudience, expirationSeconds: 3600, path: 'token' }
  return { name: 'token', projected: { defaultMode: 0o440, sources: [{ serviceAccountToken }] } }
}

function inFolder({ secretName, items }: MountedSecret, folder: number): MountedSecret {
  return { secretName, items: items.map(({ key, file }) => ({ key, file: `${folder}/${file}` })) }
}

function secretsVolume(name: string, secrets: readonly MountedSecret[]): V1Volume {
  const sources = secrets.map(({ secretName, items }) => ({
    secret: { name: secretName, items: items.map(({ key, file }) => ({ key, path: file })) },
  }))
  return { name, projected: { defaultMode: 0o440, sources } }
}
