import { makeZip } from './make-zip.ts'

/** A Word document; a line that begins with `#` signs is a heading of that level, one with `|` a row of a table. */
export function makeDocx(lines: readonly string[]): Buffer {
  const body = lines.map((line) => {
    const heading = /^(#+)\s+(.*)$/.exec(line)
    if (heading !== null)
      return paragraph(heading[2] ?? '', `<w:pPr><w:pStyle w:val="Heading${heading[1]?.length}"/></w:pPr>`)
    if (!line.includes('|')) return paragraph(line, '')
    const cells = line.split('|').map((cell) => `<w:tc>${paragraph(cell.trim(), '')}</w:tc>`)
    return `<w:tbl><w:tr>${cells.join('')}</w:tr></w:tbl>`
  })
  const main = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main'
  const types = 'http://schemas.openxmlformats.org/package/2006'
  const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
  const styles = [1, 2, 3].map(
    (level) => `<w:style w:type="paragraph" w:styleId="Heading${level}"><w:name w:val="heading ${level}"/></w:style>`,
  )
  const wordType = 'application/vnd.openxmlformats-officedocument.wordprocessingml'
  return makeZip({
    '[Content_Types].xml': `<?xml version="1.0"?><Types xmlns="${types}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" ContentType="${wordType}.document.main+xml"/><Override PartName="/word/styles.xml" ContentType="${wordType}.styles+xml"/></Types>`,
    '_rels/.rels': `<?xml version="1.0"?><Relationships xmlns="${types}/relationships"><Relationship Id="rId1" Type="${office}/officeDocument" Target="word/document.xml"/></Relationships>`,
    'word/_rels/document.xml.rels': `<?xml version="1.0"?><Relationships xmlns="${types}/relationships"><Relationship Id="rId1" Type="${office}/styles" Target="styles.xml"/></Relationships>`,
    'word/styles.xml': `<?xml version="1.0"?><w:styles xmlns:w="${main}">${styles.join('')}</w:styles>`,
    'word/document.xml': `<?xml version="1.0"?><w:document xmlns:w="${main}"><w:body>${body.join('')}</w:body></w:document>`,
  })
}

function paragraph(text: string, properties: string): string {
  return `<w:p>${properties}<w:r><w:t xml:space="preserve">${escapeXml(text)}</w:t></w:r></w:p>`
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
