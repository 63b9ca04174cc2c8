// Words that stand in angle brackets in our prompts; data must not be able to close or open one of them.
const ownTags =
  /<(?=\s*\/?\s*(?:evidence|table|columns?|request|existing|texts|instructions|system|assistant|user)\b)/gi

/** Removes what could end a line or steer a terminal: control and format characters become spaces. */
export function plainLine(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replaceAll(/[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g, '')
}

/** Data as a quoted string on one line, at most `limit` characters, that cannot pose as one of our delimiters. */
export function quotedData(text: string, limit = 200): string {
  const line = plainLine(text).trim().replaceAll(ownTags, '‹')
  const shortened = line.length > limit ? `${line.slice(0, limit - 1).trimEnd()}…` : line
  return `"${shortened.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}

/** A name or type of the database as it stands in a line of evidence. */
export function plainData(text: string, limit = 200): string {
  const line = plainLine(text).trim().replaceAll(ownTags, '‹')
  return line.length > limit ? `${line.slice(0, limit - 1)}…` : line
}
