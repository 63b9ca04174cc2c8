const decimal = /^[1-9][0-9]*$/

/**
 * Whether `a` is older (-1), the same (0) or newer (1) than `b`; undefined when one of them is not a decimal number
 * and so has no order. From Kubernetes 1.35 resource versions of one resource are comparable decimals of any length
 * (KEP-5504).
 */
export function compareResourceVersions(a: string, b: string): -1 | 0 | 1 | undefined {
  if (a === b) return 0
  if (!decimal.test(a) || !decimal.test(b)) return undefined
  if (a.length !== b.length) return a.length < b.length ? -1 : 1
  return a < b ? -1 : 1
}
