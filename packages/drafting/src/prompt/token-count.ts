/** Tokens a text can have at most: no token has less than a byte. */
export function mostTokens(text: string): number {
  return Buffer.byteLength(text)
}

/** No text in use has more bytes a token, so one that is longer cannot fit. */
const mostBytesPerToken = 12

let counting: Promise<(text: string) => number> | null = null

/** Counts tokens as OpenAI's newer models do; those of others differ by some percent. */
async function counter(): Promise<(text: string) => number> {
  // Its tables take 70 MB and two seconds: only a prompt that comes near the window of its model is worth them.
  counting ??= import('gpt-tokenizer/encoding/o200k_base').then(
    ({ countTokens }) =>
      (text) =>
        countTokens(text, { allowedSpecial: new Set(), disallowedSpecial: new Set() }),
  )
  return counting
}

/** Whether texts have no more than `room` tokens together; certain answers need no tokenizer, and none is loaded for them. */
export async function fitsTokens(texts: readonly string[], room: number): Promise<boolean> {
  const bytes = texts.reduce((sum, text) => sum + mostTokens(text), 0)
  if (bytes <= room) return true
  if (bytes > room * mostBytesPerToken) return false
  const count = await counter()
  let left = room
  for (const text of texts) left -= count(text)
  return left >= 0
}
