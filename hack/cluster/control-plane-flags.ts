import type { CertificatePaths } from './control-plane-certificates.ts'

/** The loopback ports of a control plane. */
export interface ControlPlanePorts {
  etcd: number
  etcdPeer: number
  apiServer: number
  controllerManager: number
  scheduler: number
}

/** What the flags of every program are made from. */
export interface ControlPlaneLayout {
  ports: ControlPlanePorts
  certificates: CertificatePaths
  etcdDataDir: string
  controllerManagerKubeConfig: string
  schedulerKubeConfig: string
}

/** The audience of service-account tokens that ask for none, and their issuer. */
export const serviceAccountIssuer = 'https://kubernetes.default.svc'

export function etcdFlags({ ports, certificates, etcdDataDir }: ControlPlaneLayout): string[] {
  const client = `https://127.0.0.1:${ports.etcd}`
  const peer = `https://127.0.0.1:${ports.etcdPeer}`
  return [
    '--name=amx',
    `--data-dir=${etcdDataDir}`,
    // Only a crash of the whole machine can lose what is written this way, and this cluster is no place for data to keep.
    '--unsafe-no-fsync',
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=amx=${peer}`,
    `--cert-file=${certificates.serving}`,
    `--key-file=${certificates.servingKey}`,
    `--trusted-ca-file=${certificates.ca}`,
    '--client-cert-auth=true',
    `--peer-cert-file=${certificates.serving}`,
    `--peer-key-file=${certificates.servingKey}`,
    `--peer-trusted-ca-file=${certificates.ca}`,
    '--peer-client-cert-auth=true',
    '--enable-grpc-gateway=false',
    '--auto-compaction-mode=periodic',
    '--auto-compaction-retention=10m',
    '--log-level=warn',
  ]
}

export function apiServerFlags({ ports, certificates }: ControlPlaneLayout): string[] {
  const kubelet = certificates.client('kubelet-client')
  return [
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${ports.apiServer}`,
    `--etcd-servers=https://127.0.0.1:${ports.etcd}`,
    `--etcd-cafile=${certificates.ca}`,
    `--etcd-certfile=${certificates.serving}`,
    `--etcd-keyfile=${certificates.servingKey}`,
    `--tls-cert-file=${certificates.serving}`,
    `--tls-private-key-file=${certificates.servingKey}`,
    // The API server publishes this authority in the config map kube-system/extension-apiserver-authentication, where
    // the AMX server finds it to check the certificates of people.
    `--client-ca-file=${certificates.ca}`,
    '--authorization-mode=Node,RBAC',
    '--allow-privileged=true',
    `--service-account-key-file=${certificates.serviceAccountPublicKey}`,
    `--service-account-signing-key-file=${certificates.serviceAccountKey}`,
    `--service-account-issuer=${serviceAccountIssuer}`,
    `--api-audiences=${serviceAccountIssuer}`,
    '--service-cluster-ip-range=10.96.0.0/16',
    // The endpoint of the service "kubernetes" may not be a loopback address, and there is no other.
    '--endpoint-reconciler-type=none',
    // Logs of pods come from the node's own HTTPS endpoint, whose certificate is self-signed.
    `--kubelet-client-certificate=${kubelet.certificate}`,
    `--kubelet-client-key=${kubelet.key}`,
    '--kubelet-preferred-address-types=InternalIP',
    '--profiling=false',
  ]
}

export function controllerManagerFlags(layout: ControlPlaneLayout): string[] {
  const { ports, certificates, controllerManagerKubeConfig } = layout
  return [
    `--kubeconfig=${controllerManagerKubeConfig}`,
    `--authentication-kubeconfig=${controllerManagerKubeConfig}`,
    `--authorization-kubeconfig=${controllerManagerKubeConfig}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${ports.controllerManager}`,
    `--tls-cert-file=${certificates.serving}`,
    `--tls-private-key-file=${certificates.servingKey}`,
    '--leader-elect=false',
    // The default of 20 calls a second makes the controllers take seconds to start and Jobs wait for each other.
    '--kube-api-qps=500',
    '--kube-api-burst=1000',
    '--use-service-account-credentials=true',
    `--service-account-private-key-file=${certificates.serviceAccountKey}`,
    `--root-ca-file=${certificates.ca}`,
    `--cluster-signing-cert-file=${certificates.ca}`,
    `--cluster-signing-key-file=${certificates.caKey}`,
    '--profiling=false',
  ]
}

export function schedulerFlags({ ports, certificates, schedulerKubeConfig }: ControlPlaneLayout): string[] {
  return [
    `--kubeconfig=${schedulerKubeConfig}`,
    `--authentication-kubeconfig=${schedulerKubeConfig}`,
    `--authorization-kubeconfig=${schedulerKubeConfig}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${ports.scheduler}`,
    `--tls-cert-file=${certificates.serving}`,
    `--tls-private-key-file=${certificates.servingKey}`,
    '--leader-elect=false',
    '--kube-api-qps=500',
    '--kube-api-burst=1000',
    '--profiling=false',
  ]
}
