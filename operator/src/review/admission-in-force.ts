import { apiGroup, type ObjectMeta, plurals } from '@amx/api'
import { isNotFound, type Transport } from '@amx/kube'

/** Name of the ValidatingAdmissionPolicy about decisions, and of its binding. */
const policyName = `${plurals.ReviewDecision}.${apiGroup}`

interface AdmissionObject {
  readonly metadata: Pick<ObjectMeta, 'creationTimestamp'>
}

interface Binding extends AdmissionObject {
  readonly spec: { readonly policyName?: string; readonly validationActions?: readonly string[] }
}

/** The policy that checks at creation who decides, and its binding; null for what is not there. */
export interface Admission {
  readonly policy: AdmissionObject | null
  readonly binding: Binding | null
}

/**
 * Why nobody checked who made a decision, or null when the policy was in force. An object does not say who created it, so what
 * admission did not check cannot be checked afterwards. Pure.
 */
export function whyUnchecked(
  { creationTimestamp }: Pick<ObjectMeta, 'creationTimestamp'>,
  { policy, binding }: Admission,
): string | null {
  if (policy === null) return `the ValidatingAdmissionPolicy ${policyName} is missing`
  if (binding === null) return `the ValidatingAdmissionPolicyBinding ${policyName} is missing`
  if (binding.spec.policyName !== policyName || !binding.spec.validationActions?.includes('Deny')) {
    return `the ValidatingAdmissionPolicyBinding ${policyName} denies nothing`
  }
  const since = [policy, binding].map(({ metadata }) => Date.parse(metadata.creationTimestamp))
  return Date.parse(creationTimestamp) < Math.max(...since)
    ? `it is older than the ValidatingAdmissionPolicy ${policyName}, or its binding`
    : null
}

const group = '/apis/admissionregistration.k8s.io/v1'
const freshMs = 10_000

/** Reads the policy and its binding, at most once in ten seconds. */
export function createAdmissionReader(
  transport: Pick<Transport, 'request'>,
  now: () => number,
): (signal: AbortSignal) => Promise<Admission> {
  let known: { readonly admission: Admission; readonly atMs: number } | null = null
  const read = <Item>(plural: string, signal: AbortSignal) =>
    transport.request<Item>({ path: `${group}/${plural}/${policyName}`, signal }).catch(absentAsNull)
  return async (signal) => {
    if (known !== null && now() - known.atMs < freshMs) return known.admission
    const [policy, binding] = await Promise.all([
      read<AdmissionObject>('validatingadmissionpolicies', signal),
      read<Binding>('validatingadmissionpolicybindings', signal),
    ])
    known = { admission: { policy, binding }, atMs: now() }
    return known.admission
  }
}

function absentAsNull(thrown: unknown): null {
  if (isNotFound(thrown)) return null
  throw thrown
}
