import {
  type AmxManifest,
  apiVersion,
  canonicalAssetPath,
  type HandWritten,
  type MetadataRunSpec,
  originLabel,
} from '@amx/api'
import { usageError } from '../../connection/connection-options.ts'
import type { RunPlace } from '../run/create-run.ts'
import { runName, targetOfRun } from '../run/run-manifest.ts'

export interface DescribeOptions {
  readonly name?: string
  readonly database: readonly string[]
}

/** Most texts one run takes. */
const textsPerRun = 500

/** The run that takes texts of a person through review. Pure; throws AMX-1011 and AMX-1014 for what it cannot mean. */
export function describeManifest(
  texts: readonly HandWritten[],
  { name, database }: DescribeOptions,
  place: RunPlace,
): AmxManifest<'MetadataRun', MetadataRunSpec> {
  if (texts.length > textsPerRun) {
    throw usageError(`${texts.length} texts: a run takes at most ${textsPerRun}; cut the file into several`)
  }
  const canonical = texts.map(({ asset, ...rest }) => ({ asset: canonicalAssetPath(asset), ...rest }))
  return {
    apiVersion,
    kind: 'MetadataRun',
    metadata: {
      name: name ?? runName(`${database[0] ?? 'texts'}`, place.now),
      ...(place.namespace !== null && { namespace: place.namespace }),
      labels: { [originLabel]: 'plugin' },
    },
    spec: { type: 'Generate', targets: database.map(targetOfRun), source: { texts: canonical } },
  }
}
