// Characters that change how a text is shown or hide a part of it: direction overrides, invisible operators, the tag block.
const hidden =
  /[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu
const controls = /(?![\n\t])\p{Cc}/gu

/**
 * The text of a file: UTF-8, UTF-16 by its mark, else Windows-1252; lines end in `\n`, invisible and control characters are
 * gone. Null where the bytes are no text.
 */
export function decodeText(bytes: Buffer): string | null {
  const text = decode(bytes)
  if (text === null) return null
  const unified = text.replaceAll(/\r\n?|\u2028|\u2029|\f/g, '\n')
  const stray = unified.slice(0, 65_536).match(controls)?.length ?? 0
  if (stray > Math.max(4, unified.length / 100)) return null
  return cleanText(unified)
}

/** Takes invisible and control characters out. */
export function cleanText(text: string): string {
  return text.replaceAll(hidden, '').replaceAll(controls, '').normalize('NFC')
}

function decode(bytes: Buffer): string | null {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  if (bytes.subarray(0, 65_536).includes(0)) return null
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder('windows-1252').decode(bytes)
  }
}
