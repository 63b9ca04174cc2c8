import type { Extraction } from '../passage.ts'
import { checkArchive } from './check-archive.ts'
import { cutBlocks, sectionCut } from './cut-blocks.ts'
import { blocksOfHtml } from './html.ts'

/** The passages of a Word document by its headings. Lines are those of the extracted text: a paragraph each. */
export async function readDocx(bytes: Buffer): Promise<Extraction> {
  const reason = await checkArchive(bytes)
  if (reason !== null) return { reason }
  const { default: mammoth } = await import('mammoth')
  try {
    const { value } = await mammoth.convertToHtml(
      { buffer: bytes },
      {
        externalFileAccess: false,
        convertImage: mammoth.images.imgElement(async () => ({ src: '' })),
      },
    )
    let line = 0
    const blocks = blocksOfHtml(value).map((block) => {
      line += 1
      const startLine = line
      line += block.text.split('\n').length - 1
      return { ...block, startLine, endLine: line }
    })
    const passages = cutBlocks(blocks, sectionCut)
    return passages.length === 0 ? { reason: 'it holds no text' } : { passages }
  } catch (error) {
    return {
      reason: `it is not a Word document that can be read: ${error instanceof Error ? error.message : String(error)}`,
    }
  }
}
