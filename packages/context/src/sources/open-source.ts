import { AmxError, type ContextKind, type ContextSourceSpec } from '@amx/api'
import { type ContextLimits, defaultContextLimits } from '../context-limits.ts'
import { openDirectory } from './directory-source.ts'

/** A file of a source, not read yet. */
export interface SourceFile {
  /** With slashes, below the source's root. */
  readonly path: string
  /** Reads it; gives the reason in words where it is to be skipped. */
  read(signal: AbortSignal): Promise<Buffer | SkippedFile>
}

/** A file left out, with the reason in words. */
export interface SkippedFile {
  readonly path: string
  readonly reason: string
}

/** A source in one state. */
export interface OpenedSource {
  /** Tells two states of the source apart: a commit, or a digest as `sha256:<hex>`. */
  readonly revision: string
  /** The files that the globs select, by path; read lazily where the source allows it. */
  files(
    signal: AbortSignal,
  ): Promise<{ readonly files: readonly SourceFile[]; readonly skipped: readonly SkippedFile[] }>
  /** Frees what was fetched. */
  close(): Promise<void>
}

export interface OpenSourceOptions {
  /** The mounted ConfigMap or volume, for those kinds. */
  readonly directory: string | null
  /** Files of the source's Secret by name, such as username and password; empty without one. */
  readonly secrets: Readonly<Record<string, string>>
  /** Where a Git repository is put while it is read. @default the system's folder for temporary files */
  readonly scratchDirectory?: string
  readonly limits?: ContextLimits
  readonly signal: AbortSignal
}

/** Opens the source of a ContextSource and says which revision it has. Throws AMX-5001 to AMX-5006 and AMX-1001. */
export async function openSource(
  spec: ContextSourceSpec & { readonly kind: ContextKind },
  options: OpenSourceOptions,
): Promise<OpenedSource> {
  const context = { ...options, spec, limits: options.limits ?? defaultContextLimits }
  if (spec.git !== undefined) return (await import('./git-source.ts')).openGit(spec.git, context)
  if (spec.http !== undefined) return (await import('./http-source.ts')).openPages(spec.http, context)
  if (spec.s3 !== undefined) return (await import('./s3-source.ts')).openBucket(spec.s3, context)
  if (options.directory === null) {
    throw new AmxError('AMX-5003', {
      source: spec.configMap === undefined ? 'the volume' : `ConfigMap "${spec.configMap.name}"`,
      detail: 'it is not mounted into the pod',
    })
  }
  if (spec.configMap !== undefined) {
    return openDirectory(
      { directory: options.directory, name: `ConfigMap "${spec.configMap.name}"`, folder: '' },
      context,
    )
  }
  const name = `volume "${spec.volume?.claimName ?? ''}"`
  return openDirectory({ directory: options.directory, name, folder: spec.volume?.path ?? '' }, context)
}

/** What every kind of source is opened with. */
export interface SourceContext extends OpenSourceOptions {
  readonly spec: ContextSourceSpec
  readonly limits: ContextLimits
}
