/** Classes by years without a claim, with the share of the base price in percent. */
const shares: Readonly<Record<string, number>> = {
  M: 245,
  SF0: 95,
  'SF1/2': 70,
  SF1: 60,
  SF2: 55,
  SF10: 34,
  SF20: 25,
  SF35: 18,
}

/** Share of the base price that a class pays. Unknown classes pay like beginners. */
export function shareOfClass(ncbCls: string): number {
  return shares[ncbCls] ?? 95
}

/** Class after one claim in the term: roughly half the years are lost, the worst is M. */
export function afterClaim(years: number): string {
  if (years <= 1) return 'M'
  return `SF${Math.floor(years * 0.45)}`
}
