import type { apiVersion, Kind } from './group.ts'

export interface OwnerReference {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid: string
  readonly controller?: boolean
  readonly blockOwnerDeletion?: boolean
}

/** What the API server keeps about every object; `uid` and what follows are its own to set. */
export interface ObjectMeta {
  readonly name: string
  readonly namespace: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly finalizers?: readonly string[]
  readonly ownerReferences?: readonly OwnerReference[]
  readonly uid: string
  readonly resourceVersion: string
  readonly generation: number
  readonly creationTimestamp: string
  readonly deletionTimestamp?: string
}

/** An object of the product as the API server gives it. */
export interface AmxObject<KindName extends Kind, Spec, Status> {
  readonly apiVersion: typeof apiVersion
  readonly kind: KindName
  readonly metadata: ObjectMeta
  readonly spec: Spec
  readonly status?: Status
}

/** An object before the API server has seen it: a manifest. */
export interface AmxManifest<KindName extends Kind, Spec> {
  readonly apiVersion: typeof apiVersion
  readonly kind: KindName
  readonly metadata: Partial<Pick<ObjectMeta, 'name' | 'namespace' | 'labels' | 'annotations'>> & {
    readonly generateName?: string
  }
  readonly spec: Spec
}
