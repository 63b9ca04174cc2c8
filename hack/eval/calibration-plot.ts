import type { CalibrationBin } from './ranking.ts'

const size = 360
const margin = 48

/**
 * A calibration plot as SVG: score of the drafts to the right, share of good ones upwards, the area of a dot is the number of drafts. On the
 * diagonal a score is the chance that the draft is good.
 */
export function calibrationPlot(title: string, bins: readonly CalibrationBin[]): string {
  const total = bins.reduce((sum, { count }) => sum + count, 0)
  const x = (value: number) => Math.round(margin + value * size)
  const y = (value: number) => Math.round(margin + (1 - value) * size)
  const ticks = [0, 0.25, 0.5, 0.75, 1]
  const grid = ticks.flatMap((tick) => [
    `<line x1="${x(tick)}" y1="${y(0)}" x2="${x(tick)}" y2="${y(1)}" class="grid"/>`,
    `<line x1="${x(0)}" y1="${y(tick)}" x2="${x(1)}" y2="${y(tick)}" class="grid"/>`,
    `<text x="${x(tick)}" y="${y(0) + 18}" text-anchor="middle">${tick}</text>`,
    `<text x="${x(0) - 8}" y="${y(tick) + 4}" text-anchor="end">${tick}</text>`,
  ])
  const line = bins.map(({ meanScore, goodShare }) => `${x(meanScore)},${y(goodShare)}`).join(' ')
  const dots = bins.map(({ meanScore, goodShare, count }) => {
    const radius = (3 + 15 * Math.sqrt(count / Math.max(1, total))).toFixed(1)
    const words = `${count} drafts, mean score ${meanScore.toFixed(2)}, ${Math.round(goodShare * 100)} % good`
    return `<circle cx="${x(meanScore)}" cy="${y(goodShare)}" r="${radius}"><title>${words}</title></circle>`
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size + 2 * margin} ${size + 2 * margin}" role="img" aria-label="${escaped(title)}">`,
    '<style>text{font:12px system-ui,sans-serif;fill:#444}.grid{stroke:#ddd}.even{stroke:#999;stroke-dasharray:4 4}polyline{fill:none;stroke:#2563eb;stroke-width:1.5}circle{fill:#2563eb;fill-opacity:.55}</style>',
    `<rect width="100%" height="100%" fill="#fff"/>`,
    `<text x="${margin}" y="24" style="font-weight:600">${escaped(title)}</text>`,
    ...grid,
    `<line x1="${x(0)}" y1="${y(0)}" x2="${x(1)}" y2="${y(1)}" class="even"/>`,
    `<polyline points="${line}"/>`,
    ...dots,
    `<text x="${x(0.5)}" y="${y(0) + 38}" text-anchor="middle">score</text>`,
    `<text transform="translate(14 ${y(0.5)}) rotate(-90)" text-anchor="middle">share of good drafts</text>`,
    '</svg>',
    '',
  ].join('\n')
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
