import {
  formatAssetPath,
  type MetadataRun,
  type MetadataSchedule,
  originLabel,
  parseAssetPath,
  type RunTarget,
  scheduleLabel,
} from '@amx/api'
import { scheduleLabelValue } from './run-names.ts'

const checkLabel = 'amx.dev/catalog-check'

/** Whether a run looks at the catalog for a schedule, and for nobody else. */
export function isCatalogCheck({ metadata, spec }: Pick<MetadataRun, 'metadata' | 'spec'>): boolean {
  return spec.type === 'Refresh' && metadata.labels?.[checkLabel] !== undefined
}

/** Whether a schedule made this run. */
export function isOfSchedule({ metadata }: Pick<MetadataRun, 'metadata'>, schedule: MetadataSchedule): boolean {
  const labels = metadata.labels ?? {}
  return labels[scheduleLabel] === scheduleLabelValue(schedule.metadata.name) && labels[originLabel] === 'schedule'
}

type NewRun = Pick<MetadataRun, 'spec'> & { readonly metadata: Partial<MetadataRun['metadata']> }

/** The run of a firing; `targets` null: those of the template. Without an owner: it outlives its schedule. */
export function buildRun(schedule: MetadataSchedule, name: string, targets: readonly RunTarget[] | null): NewRun {
  const { metadata, spec } = schedule.spec.runTemplate
  return {
    metadata: {
      name,
      namespace: schedule.metadata.namespace,
      labels: { ...metadata?.labels, ...labelsOf(schedule) },
      ...(metadata?.annotations && { annotations: metadata.annotations }),
    },
    spec: { ...spec, ...(targets !== null && { targets: [...targets] }) },
  }
}

/**
 * A look at the catalog, of whole schemas, so that what is gone is found gone. Throws AMX-1011 for a path of the template that cannot be
 * read.
 */
export function buildCheck(schedule: MetadataSchedule, name: string): NewRun {
  const targets = schedule.spec.runTemplate.spec.targets ?? []
  return {
    metadata: {
      name,
      namespace: schedule.metadata.namespace,
      labels: { ...labelsOf(schedule), [checkLabel]: 'true' },
    },
    spec: {
      type: 'Refresh',
      targets: targets.map(({ scope, ...target }) => {
        const include = schemasOf(scope?.include ?? [])
        return include.length === 0 ? target : { ...target, scope: { include } }
      }),
      activeDeadline: '15m',
      ttlAfterFinished: '1h',
    },
  }
}

function schemasOf(include: readonly string[]): string[] {
  const schemas = include.map((path) => parseAssetPath(path).slice(0, 1))
  return schemas.some(({ length }) => length === 0) ? [] : [...new Set(schemas.map(formatAssetPath))]
}

function labelsOf({ metadata }: MetadataSchedule): Record<string, string> {
  return { [scheduleLabel]: scheduleLabelValue(metadata.name), [originLabel]: 'schedule' }
}
