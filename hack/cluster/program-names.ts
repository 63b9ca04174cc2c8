/** The programs a control plane consists of, and kubectl. */
export const programNames = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl'] as const

export type ProgramName = (typeof programNames)[number]
