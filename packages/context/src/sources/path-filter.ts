import { AmxError, type ContextSourceSpec } from '@amx/api'
import picomatch from 'picomatch'

// Made by tools, not written by people: reading it would drown what is.
const generatedFolders =
  /(?:^|\/)(?:\.git|\.hg|\.svn|node_modules|__pycache__|\.venv|venv|\.tox|dbt_packages|\.terraform|\.gradle|\.idea|\.vscode)\//
const generatedFiles =
  /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|poetry\.lock|Cargo\.lock|[^/]+\.min\.(?:js|css)|[^/]+\.map|\.DS_Store)$/

// No text in them that could be cited.
const mediaFiles =
  /\.(?:png|jpe?g|gif|webp|bmp|ico|svg|tiff?|mp[34]|m4[av]|mov|avi|webm|ogg|wav|flac|woff2?|ttf|otf|eot|zip|gz|tgz|bz2|xz|zst|7z|rar|jar|war|class|o|so|dll|dylib|exe|bin|wasm|pyc|parquet|orc|avro|feather|arrow|pkl|npy|db|sqlite3?|xlsx?|pptx?|doc|odt|ods|key|pem|p12|jks)$/i

/** Which paths of a source are read. */
export interface PathFilter {
  /** Whether the globs select the path. */
  selects(path: string): boolean
  /** Why a selected path is not read; null when it is. */
  refuses(path: string): string | null
}

/** Compiles `include` and `exclude`. Throws AMX-1001 naming the glob that is none. */
export function createPathFilter(spec: Pick<ContextSourceSpec, 'include' | 'exclude'>): PathFilter {
  const included = compile(spec.include ?? [], 'spec.include')
  const excluded = compile(spec.exclude ?? [], 'spec.exclude')
  return {
    selects: (path) =>
      !generatedFolders.test(path) &&
      !generatedFiles.test(path) &&
      (included.length === 0 || included.some((matches) => matches(path))) &&
      !excluded.some((matches) => matches(path)),
    refuses: (path) =>
      mediaFiles.test(path) ? `files of type ${path.slice(path.lastIndexOf('.'))} are not read` : null,
  }
}

function compile(globs: readonly string[], field: string): ((path: string) => boolean)[] {
  return globs.map((glob) => {
    try {
      return picomatch(glob.replace(/^\.?\//, ''), { dot: true, strictBrackets: true, strictSlashes: false })
    } catch (error) {
      const problem = `"${glob}" is not a glob: ${error instanceof Error ? error.message : String(error)}`
      throw new AmxError('AMX-1001', { field, problem }, { cause: error })
    }
  })
}
