export { type ContextLimits, defaultContextLimits } from './context-limits.ts'
export { type IndexedDocument, type IndexSourceOptions, indexSource, searchTextOf } from './index-source.ts'
export {
  type OpenedSource,
  type OpenSourceOptions,
  openSource,
  type SkippedFile,
  type SourceFile,
} from './sources/open-source.ts'
