/** US dollars as whole nano-dollars, from decimal text; digits beyond the ninth are cut. */
export function nanoDollars(text: string): bigint {
  const [whole = '0', fraction = ''] = text.split('.')
  return BigInt(whole) * 1_000_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, '0'))
}

/** Whole nano-dollars as US dollars in decimal text, without zeros at the end. */
export function dollarText(nano: bigint): string {
  const fraction = (nano % 1_000_000_000n).toString().padStart(9, '0').replace(/0+$/, '')
  const whole = (nano / 1_000_000_000n).toString()
  return fraction === '' ? whole : `${whole}.${fraction}`
}
