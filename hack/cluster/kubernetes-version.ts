/** The Kubernetes version of the local control plane; `multicall/go.mod` says the same. */
export const kubernetesVersion = '1.36.3'
