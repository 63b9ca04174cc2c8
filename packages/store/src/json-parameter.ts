/** What PostgreSQL cannot keep in text: NUL, and halves of surrogate pairs. Both can come out of a model. */
const suspicious = /\\u0000|\\ud[89a-f]/i

/** A value as the text of a jsonb parameter; characters that PostgreSQL cannot store are left out or replaced. */
export function jsonParameter(value: unknown): string {
  const text = JSON.stringify(value)
  if (!suspicious.test(text)) return text
  return JSON.stringify(value, (_, member: unknown) => (typeof member === 'string' ? storableText(member) : member))
}

/** A text without what PostgreSQL cannot store. */
export function storableText(text: string): string {
  return text.replaceAll('\u0000', '').toWellFormed()
}
