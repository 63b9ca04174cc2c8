import { plainData, quotedData } from '../evidence/quoted-data.ts'

/** The text that variations are to be made of, by asset. */
export interface AssetSeed {
  readonly asset: string
  readonly text: string
}

/** The seeds of a question inside their delimiters. */
export function seedBlock(seeds: readonly AssetSeed[]): string {
  const lines = seeds.map(({ asset, text }) => `${plainData(asset)}\n  ${quotedData(text, 2_000)}`)
  return `<seed>\n${lines.join('\n')}\n</seed>`
}
