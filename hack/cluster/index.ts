export { componentCommands, components } from './component-images.ts'
export {
  type ControlPlane,
  type ControlPlaneOptions,
  type ControlPlaneStatus,
  controlPlaneStatus,
  startControlPlane,
  stopControlPlane,
} from './control-plane.ts'
export {
  createCertificateAuthority,
  createClientCertificate,
  createServingCertificate,
  type Identity,
} from './control-plane-certificates.ts'
export { type ControlPlanePrograms, findControlPlanePrograms, programPath } from './control-plane-programs.ts'
export { cacheDir, checkoutDir, checkoutKey, stateDir } from './folders.ts'
export { freePorts, isPortFree } from './free-port.ts'
export { kubernetesVersion } from './kubernetes-version.ts'
export {
  type ClusterOptions,
  clusterDown,
  clusterStatus,
  clusterUp,
  type LocalCluster,
  type LocalClusterStatus,
} from './local-cluster.ts'
export {
  type Lifetime,
  logTail,
  openProcessGroup,
  type ProcessGroup,
  type ProgramOptions,
  type RunningProgram,
} from './process-group.ts'
export {
  type ImageCommands,
  type NodeTaint,
  type ProcessNode,
  type ProcessNodeOptions,
  startProcessNode,
} from './process-node/index.ts'
export { elapsed, type Progress, silentProgress, streamProgress } from './progress.ts'
