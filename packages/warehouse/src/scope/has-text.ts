/** Whether a comment says anything; white space does not. */
export function hasText(comment: string | null): boolean {
  return comment !== null && comment.trim() !== ''
}
