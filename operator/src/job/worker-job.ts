import { apiVersion, type Kind } from '@amx/api'
import type { V1Container, V1EnvVar, V1JobSpec, V1Volume, V1VolumeMount } from '@kubernetes/client-node'
import type { JobObject } from '../cluster/resources.ts'
import type { WorkerSetup } from './build-job.ts'

/** A Job with the fields that are always there. */
export interface BuiltJob extends JobObject {
  readonly spec: V1JobSpec
}

/** What the Jobs of all stages differ in. */
export interface WorkerJobParts {
  readonly name: string
  readonly namespace: string
  readonly owner: { readonly kind: Kind; readonly name: string; readonly uid: string }
  readonly labels: Record<string, string>
  readonly annotations: Record<string, string>
  readonly container: V1Container
  readonly volumes: V1Volume[]
  /** @default default */
  readonly serviceAccountName?: string
  /** Seconds after which Kubernetes ends the Job. @default none */
  readonly activeDeadlineSeconds?: number
}

export const tokenAudience = 'amx-server'
export const tokenFolder = '/var/run/amx/token'
const finishedTtlSeconds = 600
// The user of the worker image; the group lets it read the mounted Secrets.
const workerUser = 65_532
// Longer than the worker's own drain (20 s), so that it hands its units back before it is killed.
const graceSeconds = 30

/** A Job of one worker pod that runs unprivileged, with no token but the one for the AMX server. */
export function workerJob(parts: WorkerJobParts): BuiltJob {
  const { name, namespace, owner, labels, annotations, activeDeadlineSeconds } = parts
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name,
      namespace,
      labels,
      annotations,
      ownerReferences: [{ apiVersion, ...owner, controller: true, blockOwnerDeletion: true }],
    },
    spec: {
      backoffLimit: 0,
      parallelism: 1,
      completions: 1,
      ttlSecondsAfterFinished: finishedTtlSeconds,
      ...(activeDeadlineSeconds !== undefined && { activeDeadlineSeconds }),
      // A pod taken away by a drain or a preemption is not the work's fault: Kubernetes makes another one.
      podFailurePolicy: {
        rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }],
      },
      template: {
        metadata: { labels, annotations: { 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'true' } },
        spec: {
          restartPolicy: 'Never',
          terminationGracePeriodSeconds: graceSeconds,
          serviceAccountName: parts.serviceAccountName ?? 'default',
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: workerUser,
            runAsGroup: workerUser,
            fsGroup: workerUser,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          containers: [parts.container],
          volumes: parts.volumes,
        },
      },
    },
  }
}

/** The one container of a worker pod; `env` comes on top of what every worker is told. */
export function workerContainer(
  stage: string,
  setup: WorkerSetup,
  { env, volumeMounts }: { readonly env: readonly V1EnvVar[]; readonly volumeMounts: V1VolumeMount[] },
): V1Container {
  return {
    name: 'worker',
    image: setup.image,
    imagePullPolicy: 'IfNotPresent',
    args: [stage],
    env: [
      { name: 'AMX_SERVER_URL', value: setup.serverUrl },
      { name: 'AMX_STAGE', value: stage },
      { name: 'AMX_TOKEN_FILE', value: `${tokenFolder}/token` },
      ...env,
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

/** Volumes of a worker pod as they are mounted: read-only, but for scratch space. */
export function podVolumes() {
  const volumes: V1Volume[] = []
  const volumeMounts: V1VolumeMount[] = []
  return {
    volumes,
    volumeMounts,
    mount(volume: V1Volume, mountPath: string): void {
      volumes.push(volume)
      volumeMounts.push({ name: volume.name, mountPath, ...(volume.emptyDir === undefined && { readOnly: true }) })
    },
  }
}

/** The projected token a worker shows to the AMX server. */
export function tokenVolume(): V1Volume {
  const serviceAccountToken = { audience: tokenAudience, expirationSeconds: 3600, path: 'token' }
  return { name: 'token', projected: { defaultMode: 0o440, sources: [{ serviceAccountToken }] } }
}
