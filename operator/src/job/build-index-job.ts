import type { ContextSourceSpec } from '@amx/api'
import type { V1Volume } from '@kubernetes/client-node'
import { jobName, type WorkerSetup } from './build-job.ts'
import { label } from './job-labels.ts'
import { type BuiltJob, podVolumes, tokenFolder, tokenVolume, workerContainer, workerJob } from './worker-job.ts'

export interface IndexJob {
  readonly source: {
    readonly name: string
    readonly namespace: string
    readonly uid: string
    readonly spec: ContextSourceSpec
  }
  /** Number of the index, from 1. */
  readonly number: number
}

const sourceFolder = '/var/run/amx/context'
const secretFolder = '/var/run/amx/context-secret'
// Reading is bounded in size by the worker; this is for a server that answers byte by byte.
const deadlineSeconds = 3_600

/** The Job that reads a ContextSource. Its pod gets that source and that source's Secret, and nothing else. */
export function buildIndexJob({ source, number }: IndexJob, setup: WorkerSetup): BuiltJob {
  const { name, namespace, uid, spec } = source
  const { volumes, volumeMounts, mount } = podVolumes()
  mount(tokenVolume(), tokenFolder)
  const content = contentVolume(spec)
  if (content !== null) mount(content, sourceFolder)
  const secretName = (spec.git ?? spec.http ?? spec.s3)?.secretRef?.name
  if (secretName !== undefined) mount(secretVolume(secretName), secretFolder)
  // A clone and what is unpacked of archives.
  mount({ name: 'tmp', emptyDir: { sizeLimit: '2Gi' } }, '/tmp')

  return workerJob({
    name: jobName(name, 'index', number),
    namespace,
    owner: { kind: 'ContextSource', name, uid },
    labels: indexLabels(source, number),
    annotations: { [label.source]: name },
    container: workerContainer('index', setup, {
      env: [
        ...(content === null ? [] : [{ name: 'AMX_CONTEXT_DIR', value: sourceFolder }]),
        ...(secretName === undefined ? [] : [{ name: 'AMX_CONTEXT_SECRET_DIR', value: secretFolder }]),
      ],
      volumeMounts,
    }),
    volumes,
    activeDeadlineSeconds: deadlineSeconds,
    ...(setup.serviceAccountName !== undefined && { serviceAccountName: setup.serviceAccountName }),
  })
}

/** The number of the index an object is labelled with, or null. */
export function indexNumber(labels: Readonly<Record<string, string>> | undefined): number | null {
  const number = Number(labels?.[label.attempt])
  return labels?.[label.stage] === 'index' && Number.isInteger(number) && number > 0 ? number : null
}

function indexLabels({ name, uid }: IndexJob['source'], number: number): Record<string, string> {
  return {
    'app.kubernetes.io/name': 'amx-worker',
    'app.kubernetes.io/part-of': 'amx',
    'app.kubernetes.io/component': 'index',
    'app.kubernetes.io/managed-by': 'amx-operator',
    [label.source]: name.slice(0, 63).replace(/[-.]+$/, ''),
    [label.sourceUid]: uid,
    [label.stage]: 'index',
    [label.attempt]: String(number),
  }
}

function contentVolume({ configMap, volume }: ContextSourceSpec): V1Volume | null {
  if (configMap !== undefined) return { name: 'source', configMap: { name: configMap.name, defaultMode: 0o440 } }
  if (volume === undefined) return null
  return { name: 'source', persistentVolumeClaim: { claimName: volume.claimName, readOnly: true } }
}

/** All keys of the Secret: which of them are there says how to sign in. */
function secretVolume(name: string): V1Volume {
  return { name: 'source-secret', projected: { defaultMode: 0o440, sources: [{ secret: { name } }] } }
}
