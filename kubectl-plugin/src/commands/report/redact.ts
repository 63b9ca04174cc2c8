/** What is taken out of a support bundle: secrets always; texts and values of databases unless they are wanted. */
export interface RedactOptions {
  readonly texts: 'Included' | 'Removed'
}

const removed = '[removed]'

/** Secrets as they stand in running text, with what is put in their place. */
const secrets: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, removed],
  // User and password of an address.
  [/([a-z][a-z0-9+.-]*:\/\/)[^\s/@"']+@/gi, `$1${removed}@`],
  [/\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi, `$1 ${removed}`],
  [/\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]+\.?[A-Za-z0-9_-]*/g, removed],
  [/\b(?:sk|pk|rk|xox[abp]|gh[pousr]|glpat|hf|gsk)[-_][A-Za-z0-9_-]{12,}/g, removed],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, removed],
  [/\bAIza[A-Za-z0-9_-]{30,}/g, removed],
  [
    /((?:password|passwd|pwd|secret|token|api[_-]?key|authorization)["']?\s*[=:]\s*["']?)[^\s"',;&}]{3,}/gi,
    `$1${removed}`,
  ],
]

/** Names of fields whose texts are secrets; a reference to a Secret is none. */
const secretName = /(password|passphrase|secret|token|api[-_]?key|authorization|credential|private[-_]?key|cookie)$/i

/** Names of fields that hold what is in a database, or what was written about it. */
const textNames = new Set([
  'text',
  'texts',
  'ownText',
  'comment',
  'existingComment',
  'chosenText',
  'oldText',
  'newText',
  'instructions',
  'reasoning',
  'alternatives',
  'samples',
  'sampleValues',
  'values',
  'topValues',
  'minimum',
  'maximum',
  'messages',
  'reply',
  'prompt',
  'evidence',
  'statement',
  'facts',
])

/** A text without what looks like a secret. */
export function redactText(text: string): string {
  return secrets.reduce((rest, [pattern, instead]) => rest.replaceAll(pattern, instead), text)
}

/** Any JSON value without secrets and, unless they are wanted, without texts of databases. */
export function redactValue(value: unknown, options: RedactOptions): unknown {
  if (typeof value === 'string') return redactText(value)
  if (Array.isArray(value)) return value.map((one) => redactValue(one, options))
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).flatMap(([name, inner]): [string, unknown][] => {
    // A whole manifest as text, secrets and all; and bookkeeping that helps nobody.
    if (name === 'kubectl.kubernetes.io/last-applied-configuration' || name === 'managedFields') return []
    if (typeof inner === 'string' && secretName.test(name)) return [[name, removed]]
    if (options.texts === 'Removed' && textNames.has(name)) return [[name, withoutText(inner)]]
    return [[name, redactValue(inner, options)]]
  })
  return Object.fromEntries(kept)
}

/** Numbers and names of what was there, so that one sees that there was something. */
function withoutText(inner: unknown): unknown {
  if (typeof inner === 'string') return `[text of ${inner.length} characters removed]`
  if (Array.isArray(inner)) return `[${inner.length} values removed]`
  return typeof inner === 'object' && inner !== null ? `[${Object.keys(inner).length} fields removed]` : inner
}
