import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ConfigKind, ConfigObjects } from './config-objects.ts'
import { type ConfigReader, MissingReferenceError } from './container-environment.ts'
import type { Mount } from './mount-rewrite.ts'
import type { Container, Pod, TokenSource, Volume } from './pod-types.ts'
import type { IssuedToken } from './service-account-token.ts'
import { expandVariables } from './variable-expansion.ts'
import { volumeContent } from './volume-content.ts'
import { writeVolume } from './volume-folder.ts'

/** The volumes of one pod as folders. */
export interface PodVolumes {
  /** Makes all volumes, or brings them up to date. Throws MissingReferenceError for what is not there yet. */
  write(pod: Pod, signal: AbortSignal): Promise<void>
  /** When a token needs its renewal, as epoch milliseconds; undefined for a pod without tokens. */
  renewAtMs(): number | undefined
  /** Where a container's mounts are on this machine. Throws MissingReferenceError for a mount of an unknown volume. */
  mounts(container: Container, variables: Readonly<Record<string, string>>): Promise<Mount[]>
  remove(): Promise<void>
}

export interface PodVolumesOptions {
  folder: string
  objects: ConfigObjects
  issueToken(pod: Pod, source: TokenSource, signal: AbortSignal): Promise<IssuedToken>
}

export function openPodVolumes({ folder, objects, issueToken }: PodVolumesOptions): PodVolumes {
  const tokens = new Map<string, IssuedToken>()
  let volumes: Volume[] = []

  return {
    async write(pod, signal) {
      volumes = pod.spec.volumes ?? []
      const read: ConfigReader = (kind, name) => objects.read(kind, pod.metadata.namespace, name, signal)
      const outcomes = await Promise.allSettled(
        volumes.map(async (volume) => {
          const files = await volumeContent(pod, volume, read, async (source) => {
            const key = JSON.stringify([volume.name, source])
            const known = tokens.get(key)
            if (known !== undefined && Date.now() < known.renewAtMs) return known.token
            const issued = await issueToken(pod, source, signal)
            tokens.set(key, issued)
            return issued.token
          }).catch((error: unknown) => {
            throw namedError(volume.name, error)
          })
          if (files !== undefined) await writeVolume(join(folder, volume.name), files)
          else if (volume.emptyDir) await mkdir(join(folder, volume.name), { recursive: true, mode: 0o777 })
          else if (!volume.hostPath) {
            throw new MissingReferenceError(`volume "${volume.name}" is of a kind the process node does not have`)
          }
        }),
      )
      const failed = outcomes.find((outcome) => outcome.status === 'rejected')
      if (failed !== undefined) throw failed.reason
    },
    renewAtMs() {
      return tokens.size === 0 ? undefined : Math.min(...[...tokens.values()].map(({ renewAtMs }) => renewAtMs))
    },
    async mounts(container, variables) {
      return Promise.all(
        (container.volumeMounts ?? []).map(async (mount) => {
          const volume = volumes.find(({ name }) => name === mount.name)
          if (volume === undefined) throw new MissingReferenceError(`volume "${mount.name}" not found`)
          const root = volume.hostPath?.path ?? join(folder, volume.name)
          const subPath = mount.subPathExpr ? expandVariables(mount.subPathExpr, variables) : mount.subPath
          if (!subPath) return { mountPath: mount.mountPath, hostPath: root }
          if (subPath.split('/').includes('..')) throw new Error(`subPath ${subPath} leaves its volume`)
          const hostPath = join(root, subPath)
          if (volume.emptyDir) await mkdir(hostPath, { recursive: true })
          return { mountPath: mount.mountPath, hostPath }
        }),
      )
    },
    async remove() {
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function namedError(volume: string, error: unknown): Error {
  if (!(error instanceof MissingReferenceError)) return error instanceof Error ? error : new Error(String(error))
  return new MissingReferenceError(`MountVolume.SetUp failed for volume "${volume}" : ${error.message}`)
}

/** The config maps and secrets that a pod refers to, each once. */
export function referredObjects(pod: Pod): { kind: ConfigKind; name: string }[] {
  const found = new Map<string, { kind: ConfigKind; name: string }>()
  const add = (kind: ConfigKind, name: string | undefined): void => {
    if (name) found.set(`${kind}/${name}`, { kind, name })
  }
  for (const volume of pod.spec.volumes ?? []) {
    add('secrets', volume.secret?.secretName)
    add('configmaps', volume.configMap?.name)
    for (const source of volume.projected?.sources ?? []) {
      add('secrets', source.secret?.name)
      add('configmaps', source.configMap?.name)
    }
  }
  for (const container of [...pod.spec.containers, ...(pod.spec.initContainers ?? [])]) {
    for (const { configMapRef, secretRef } of container.envFrom ?? []) {
      add('configmaps', configMapRef?.name)
      add('secrets', secretRef?.name)
    }
    for (const { valueFrom } of container.env ?? []) {
      add('configmaps', valueFrom?.configMapKeyRef?.name)
      add('secrets', valueFrom?.secretKeyRef?.name)
    }
  }
  return [...found.values()]
}
