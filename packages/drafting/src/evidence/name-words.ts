import { abbreviations } from '@amx/retrieval'
import { knownWords } from './known-words.ts'

/** Known: a listed word or abbreviation. Plausible: reads like a word. Number: digits. Unknown: a fragment that says nothing. */
export type WordKind = 'Known' | 'Plausible' | 'Number' | 'Unknown'

export interface NameWord {
  /** As it stands in the name, in lower case. */
  readonly token: string
  /** In full, such as `quantity` for `qty`. */
  readonly word: string
  readonly kind: WordKind
}

const shortWords = new Set(
  'a at by day for from has in is of off on or per tax to was age bed box end fee gas id job key kit lot map net new old out own pay pet pin ref row run sex sum tag top via web zip kg cm mm km ms pot sun sku vat'.split(
    ' ',
  ),
)
const fixedExpansions = new Map([
  ['id', 'identifier'],
  ['ids', 'identifiers'],
  ['email', 'e-mail address'],
])

// Clusters English words begin and end with; what has others is a fragment or another language's abbreviation.
const onsets = new Set(
  'b bl br c ch chr cl cr d dr dw f fl fr g gh gl gn gr h j k kn kr l m n p ph pl pn pr ps q r rh s sc sch scr sh shr sk sl sm sn sp sph spl spr sq st str sw t th thr tr tw v w wh wr y z'.split(
    ' ',
  ),
)
const codas = new Set(
  'b c ch ck ct cts d dd ds f ff ft g gh ght gn gs h k ks l ld lds lf lk ll lls lm lp ls lt lth m mb mm mn mp mpt ms n nc nch nd nds ng ngs ngth nk nks nn ns nt nth nts p ph pp ps pt pts r rb rc rch rd rds rf rg rge rk rks rl rm rms rn rns rp rr rs rst rt rth rts s sh sk sm sp ss st sts t tch th ths tt ts v w wd wl wn ws x xt y z zz cks lfs'.split(
    ' ',
  ),
)

/** Splits a name at underscores, dots, spaces, case changes and between letters and digits; lower case. */
export function splitName(name: string): string[] {
  return name
    .replaceAll(/(\p{Ll}|\d)(\p{Lu})/gu, '$1 $2')
    .replaceAll(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .replaceAll(/(\p{L})(\d)/gu, '$1 $2')
    .replaceAll(/(\d)(\p{L})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((token) => token !== '')
}

/** The words of a name, abbreviations in full and glued words parted. */
export function readName(name: string): NameWord[] {
  return splitName(name).flatMap(readToken)
}

/** The words joined to a phrase, such as `order date`. */
export function phraseOf(words: readonly NameWord[]): string {
  return words.map(({ word }) => word).join(' ')
}

// Words that fill a name without saying anything: `flag 2`, `custom field 1`.
const emptyWords = new Set(
  'flag flags field fields attribute attributes column col data misc miscellaneous extra spare custom udf dummy filler temporary test x y z a b c'.split(
    ' ',
  ),
)

// Words that say something alone, but nothing with a number behind: `value 1`.
const numberedWords = new Set('value text code number character date amount type string integer'.split(' '))

/** The share of the words that say something, 0..1; digits count for nothing and are left out, an empty list is 0. */
export function clarityOf(words: readonly NameWord[]): number {
  const counted = words.filter(({ kind }) => kind !== 'Number')
  if (counted.length === 0) return 0
  const numbered = counted.length < words.length
  if (numbered && counted.every(({ word }) => numberedWords.has(word))) return 0
  if (counted.every(({ word, token }) => emptyWords.has(word) || emptyWords.has(token))) return 0
  const weight = { Known: 1, Plausible: 0.6, Number: 0, Unknown: 0 } as const
  return counted.reduce((sum, { kind }) => sum + weight[kind], 0) / counted.length
}

function readToken(token: string): NameWord[] {
  if (/^\d+$/.test(token)) return [{ token, word: token, kind: 'Number' }]
  const expanded = fixedExpansions.get(token) ?? abbreviations[token]
  if (expanded !== undefined) return [{ token, word: expanded, kind: 'Known' }]
  if (isKnown(token) || hasEnglishEnding(token)) return [{ token, word: token, kind: 'Known' }]
  const parted = partGlued(token)
  if (parted !== null) return parted.flatMap(readToken)
  return [{ token, word: token, kind: readsLikeWord(token) ? 'Plausible' : 'Unknown' }]
}

function isKnown(token: string): boolean {
  return knownWords.has(token) || shortWords.has(token) || (token.endsWith('s') && knownWords.has(token.slice(0, -1)))
}

// `botanical`, `fulfillment`: long words whose ending English makes words with.
function hasEnglishEnding(token: string): boolean {
  return (
    token.length >= 7 &&
    /(?:ical|ional|tion|sion|ment|ness|ship|able|ible|ance|ence|ative|itive|ology|graphy|ation|ering|ling|ting|ator|iture|ature|ously|ious)s?$/.test(
      token,
    ) &&
    readsLikeWord(token)
  )
}

function partGlued(token: string): string[] | null {
  if (token.length < 5 || !/^\p{L}+$/u.test(token)) return null
  for (let cut = token.length - 2; cut >= 3; cut -= 1) {
    const head = token.slice(0, cut)
    const tail = token.slice(cut)
    if (!knownWords.has(head) && !(head.length >= 4 && head in abbreviations)) continue
    if (tail === 'id' || tail === 'no' || tail === 'nr') return [head, tail === 'nr' ? 'no' : tail]
    if (tail.length >= 3 && knownWords.has(tail)) return [head, tail]
    if (tail.length >= 6) {
      const rest = partGlued(tail)
      if (rest !== null) return [head, ...rest]
    }
  }
  return null
}

function readsLikeWord(token: string): boolean {
  if (token.length < 4 || token.length > 24 || !/^\p{L}+$/u.test(token)) return false
  if (!/^[a-z]+$/.test(token)) return true
  const groups = token.match(/[aeiouy]+|[^aeiouy]+/g) ?? []
  if (groups.length < 2) return false
  const isVowels = (group: string) => /^[aeiouy]/.test(group)
  return groups.every((group, index) => {
    if (isVowels(group)) return group.length <= 3
    if (index === 0) return onsets.has(group)
    if (index === groups.length - 1) return codas.has(group)
    return group.length <= 4
  })
}
