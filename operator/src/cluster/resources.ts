import { apiGroup, apiVersionName, type Kind, plurals } from '@amx/api'
import type { KubeObject, ResourceKind } from '@amx/kube'
import type { V1JobSpec } from '@kubernetes/client-node'

/** A Job as it comes over the wire: times are text. */
export interface JobObject extends KubeObject {
  readonly spec?: V1JobSpec
  readonly status?: {
    readonly startTime?: string
    readonly completionTime?: string
    readonly conditions?: readonly {
      readonly type: string
      readonly status: string
      readonly reason?: string
      readonly message?: string
      readonly lastTransitionTime?: string
    }[]
  }
}

export interface ContainerStatus {
  readonly name: string
  readonly state?: {
    readonly waiting?: { readonly reason?: string; readonly message?: string }
    readonly running?: { readonly startedAt?: string }
    readonly terminated?: { readonly exitCode: number; readonly reason?: string; readonly message?: string }
  }
}

/** What the operator reads of a pod. */
export interface PodObject extends KubeObject {
  readonly spec?: {
    readonly nodeName?: string
    readonly volumes?: readonly {
      readonly projected?: { readonly sources?: readonly { readonly secret?: { readonly name?: string } }[] }
      readonly configMap?: { readonly name?: string }
      readonly persistentVolumeClaim?: { readonly claimName?: string }
    }[]
  }
  readonly status?: {
    readonly phase?: string
    readonly reason?: string
    readonly message?: string
    readonly conditions?: readonly {
      readonly type: string
      readonly status: string
      readonly reason?: string
      readonly message?: string
    }[]
    readonly containerStatuses?: readonly ContainerStatus[]
  }
}

export const runs = amxKind('MetadataRun')
export const schedules = amxKind('MetadataSchedule')
export const decisions = amxKind('ReviewDecision')
export const databaseProfiles = amxKind('DatabaseProfile')
export const llmProfiles = amxKind('LLMProfile')
export const contextSources = amxKind('ContextSource')
export const jobs: ResourceKind = { group: 'batch', version: 'v1', kind: 'Job', plural: 'jobs', scope: 'Namespaced' }
export const pods: ResourceKind = { group: '', version: 'v1', kind: 'Pod', plural: 'pods', scope: 'Namespaced' }

function amxKind(kind: Kind): ResourceKind {
  return { group: apiGroup, version: apiVersionName, kind, plural: plurals[kind], scope: 'Namespaced' }
}
