import type { KubeObject, ResourceKind } from '../object/kube-object.ts'

/** Config maps, the kind most tests of this package use. */
export interface ConfigMap extends KubeObject {
  data?: Record<string, string> | undefined
}

export const configMaps: ResourceKind = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  scope: 'Namespaced',
}

export const configMapPath = '/api/v1/namespaces/default/configmaps'

/** A config map as a client would create it. */
export function configMap(name: string, data: Record<string, string> = {}): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data }
}
