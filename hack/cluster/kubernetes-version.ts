/** The Kubernetes version of the local control plane; `multicall/go.mod` says the same. */
export const kubernetesVersion = '1.36.3'

/** The version of etcd beside it; `multicall/go.mod` says the same. */
export const etcdVersion = '3.6.8'
