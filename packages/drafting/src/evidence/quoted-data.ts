// Words that stand in angle brackets in our prompts, and those that chat templates of local models give a meaning to; data must
// not be able to close or open one of them.
const ownTags = new Set(
  `evidence table column columns request existing seed outline excerpt excerpts candidates texts text verdicts style documents document code chunk chunks source sources
  instructions system assistant user human tool think thinking s inst sys bos eos start_of_turn end_of_turn im_start im_end
  endoftext begin_of_text end_of_text start_header_id end_header_id eot_id`.split(/\s+/),
)

// A bracket, or what looks like one, with the word after it.
const tagLike = /[<＜﹤〈⟨❮≺˂ᐸ](?:\s*[/／⁄∕\\]?\s*(?=([\p{L}\p{M}\p{N}_]{1,20}))|(?=\s*[|｜<＜]))/gu

// Chat templates that use square brackets.
const squareTag = /\[(?=\s*\/?\s*(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS)\b)/gi

// Letters of other scripts that a reader takes for Latin ones.
const lookAlikes: Readonly<Record<string, string>> = {
  а: 'a',
  с: 'c',
  ԁ: 'd',
  е: 'e',
  һ: 'h',
  і: 'i',
  ј: 'j',
  ӏ: 'l',
  м: 'm',
  п: 'n',
  о: 'o',
  р: 'p',
  ԛ: 'q',
  ѕ: 's',
  т: 't',
  υ: 'u',
  ѵ: 'v',
  ν: 'v',
  х: 'x',
  у: 'y',
  α: 'a',
  ε: 'e',
  ι: 'i',
  ο: 'o',
  ρ: 'p',
  τ: 't',
  ս: 'u',
  ո: 'n',
  ı: 'i',
}

/** Removes what could end a line or steer a terminal: control and format characters become spaces. */
export function plainLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').replaceAll(/\p{Default_Ignorable_Code_Point}|\p{Cf}/gu, '')
}

/** Data as a quoted string on one line, at most `limit` characters, that cannot pose as one of our delimiters. */
export function quotedData(text: string, limit = 200): string {
  const line = withoutTags(plainLine(text).trim())
  const shortened = line.length > limit ? `${wholeCharacters(line, limit - 1).trimEnd()}…` : line
  return `"${shortened.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}

/** A name or type of the database as it stands in a line of evidence. */
export function plainData(text: string, limit = 200): string {
  const line = withoutTags(plainLine(text).trim())
  return line.length > limit ? `${wholeCharacters(line, limit - 1)}…` : line
}

function withoutTags(line: string): string {
  return line
    .replaceAll(tagLike, (bracket, word?: string) => {
      if (word !== undefined && !ownTags.has(plainWord(word))) return bracket
      return `‹${bracket.slice(1)}`
    })
    .replaceAll(squareTag, '(')
}

/** The word as a reader takes it: full-width and accented letters, and those of other scripts, as the Latin ones they look like. */
function plainWord(word: string): string {
  const latin = word.normalize('NFKD').toLowerCase().replaceAll(/\p{M}/gu, '')
  return [...latin].map((letter) => lookAlikes[letter] ?? letter).join('')
}

/** A cut never leaves half of a character that takes two units. */
function wholeCharacters(line: string, length: number): string {
  const cut = line.slice(0, length)
  return /[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut
}

/**
 * Several lines of data, each behind a bar: none can pose as a line of ours, nor open or close one of our delimiters. Control
 * characters are taken out, tabs become spaces, the rest stays as it is, indentation too.
 */
export function quotedLines(text: string): string {
  return text
    .split(/\r\n?|\n|\u2028|\u2029/)
    .map((line) => `| ${withoutTags(plainLine(line.replaceAll('\t', '  ')).trimEnd())}`)
    .join('\n')
}
