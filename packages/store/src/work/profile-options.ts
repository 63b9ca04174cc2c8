import { digestOf } from '@amx/api'

interface ProfileOptions {
  readonly profiling: {
    readonly mode: string
    readonly sampleRows: number
    readonly maximumRows: number
    readonly exactDistinct: boolean
  }
  readonly privacy: { readonly samples: string; readonly excludeColumns: readonly string[] }
}

/** Version of what a profile holds and hides. Raise it with every change of masking: a profile made before is not taken again. */
const profileVersion = 2

/** Digest of what decides the content of a profile; how fast it may be made is left out. */
export function profileOptionsDigest({ profiling, privacy }: ProfileOptions): string {
  const { mode, sampleRows, maximumRows, exactDistinct } = profiling
  const { samples, excludeColumns } = privacy
  return digestOf({ profileVersion, mode, sampleRows, maximumRows, exactDistinct, samples, excludeColumns })
}
