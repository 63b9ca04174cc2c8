import { AmxError } from '@amx/api'
import { storableText } from '../json-parameter.ts'

/** Bytes of UTF-8 a description may have. */
const textLimitBytes = 16_384

/** A person's own words as they are stored. Throws AMX-1008 naming `asset` where they are empty or too long. */
export function ownText(text: string, asset: string): string {
  const storable = storableText(text)
  if (storable.trim() === '') throw new AmxError('AMX-1008', { asset, problem: 'the text is empty' })
  if (Buffer.byteLength(storable) > textLimitBytes) {
    throw new AmxError('AMX-1008', { asset, problem: 'the text is longer than 16 KiB' })
  }
  return storable
}
