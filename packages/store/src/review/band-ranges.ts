import type { ConfidenceBand } from '@amx/api'

/** The bands of a minimum, itself included. */
export const bandsFrom: Readonly<Record<ConfidenceBand, readonly ConfidenceBand[]>> = {
  High: ['High'],
  Medium: ['High', 'Medium'],
  Low: ['High', 'Medium', 'Low'],
}

/** The bands of a maximum, itself included; rows without a score belong to every maximum. */
export const bandsUpTo: Readonly<Record<ConfidenceBand, readonly ConfidenceBand[]>> = {
  High: ['High', 'Medium', 'Low'],
  Medium: ['Medium', 'Low'],
  Low: ['Low'],
}
