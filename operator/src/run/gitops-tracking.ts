import type { ObjectMeta } from '@amx/api'

/**
 * The GitOps tool that tracks an object, or null: by Argo CD's tracking id or instance label (`app.kubernetes.io/instance` when
 * something of Argo CD is on the object), or the labels of Flux. Deleting what such a tool tracks makes it create it again.
 */
export function gitOpsTracker(metadata: Pick<ObjectMeta, 'labels' | 'annotations'>): string | null {
  const labels = metadata.labels ?? {}
  const annotations = metadata.annotations ?? {}
  if (annotations['argocd.argoproj.io/tracking-id'] !== undefined) return 'Argo CD'
  const keys = [...Object.keys(labels), ...Object.keys(annotations)]
  if (keys.some((key) => key.startsWith('argocd.argoproj.io/'))) return 'Argo CD'
  if (labels['app.kubernetes.io/managed-by'] === 'argocd') return 'Argo CD'
  if (labels['kustomize.toolkit.fluxcd.io/name'] !== undefined) return 'Flux'
  if (labels['helm.toolkit.fluxcd.io/name'] !== undefined) return 'Flux'
  // Argo CD by label tracking (its default before 3.0) sets nothing but the instance; the plugin, Studio and schedules never do.
  if (labels['app.kubernetes.io/instance'] !== undefined) return 'a deployment tool'
  return null
}
