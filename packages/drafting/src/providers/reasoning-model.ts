/** Least output tokens for a model that reasons: its reasoning counts as output and comes first. */
export const reasoningOutputFloor = 32_768
/** Most output tokens asked for when an answer stayed empty for length. */
export const reasoningOutputCeiling = 131_072

/** Whether a model of OpenAI's reasons before it answers: it takes no temperature and names its output limit differently. */
export function isReasoningModel(model: string): boolean {
  const name = model.toLowerCase().split('/').at(-1) ?? ''
  return /^(?:o[1-9]|gpt-5|gpt-[6-9])/.test(name) && !/^gpt-5(?:\.\d+)?-chat/.test(name)
}
