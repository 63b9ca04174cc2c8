export interface Invoice {
  readonly dueDate: Date
  readonly openAmount: number
  /** 0 none, 1 reminder, 2 second letter with fee, 3 handed to the collection agency. */
  readonly dunLvl: 0 | 1 | 2 | 3
  readonly hardship: boolean
}

/** Days after the due day at which each letter goes out. */
const letterAfterDays = [14, 28, 56] as const

/** The level an invoice should have today; customers in hardship stay at 0 until a person decides. */
export function levelOn(invoice: Invoice, today: Date): number {
  if (invoice.hardship || invoice.openAmount <= 0) return 0
  const days = (today.getTime() - invoice.dueDate.getTime()) / 86_400_000
  return letterAfterDays.filter((after) => days >= after).length
}

/** Amounts below five euros are written off instead of being dunned. */
export function isWrittenOff(invoice: Invoice): boolean {
  return invoice.openAmount > 0 && invoice.openAmount < 5
}
