/** A paragraph, list, table row or heading of a document, in its order. */
export interface TextBlock {
  readonly text: string
  readonly startLine: number
  readonly endLine: number
  /** 1 to 6 for a heading; absent for what stands under it. */
  readonly level?: number
}
