export type Channel = 'LETTER' | 'EMAIL' | 'PHONE' | 'MSG'

export interface Consent {
  readonly channel: Channel
  readonly grantedAt: Date
  readonly withdrawnAt: Date | null
  /** FORM signed paper, PORTAL tick in the customer portal, CALL recorded call. */
  readonly proof: 'FORM' | 'PORTAL' | 'CALL'
}

/** Whether a partner may be approached for advertising: an unwithdrawn yes, not older than two years after the last contract. */
export function mayContact(consent: Consent | undefined, lastContractEnd: Date | null, now: Date): boolean {
  if (consent === undefined || consent.withdrawnAt !== null) return false
  if (lastContractEnd === null) return true
  const limit = new Date(lastContractEnd)
  limit.setFullYear(limit.getFullYear() + 2)
  return now < limit
}
