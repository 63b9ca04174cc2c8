/**
 * The parts of the Kubernetes objects that the process node reads, as the API server sends them (times are RFC 3339
 * texts; the client library's own types turn them into dates).
 */
export interface ObjectMeta {
  name: string
  namespace: string
  uid: string
  resourceVersion?: string
  labels?: Record<string, string>
  annotations?: Record<string, string>
  deletionTimestamp?: string
  deletionGracePeriodSeconds?: number
}

export interface Pod {
  metadata: ObjectMeta
  spec: PodSpec
  status?: PodStatus
}

export interface PodSpec {
  nodeName?: string
  containers: Container[]
  initContainers?: Container[]
  volumes?: Volume[]
  restartPolicy?: 'Always' | 'OnFailure' | 'Never'
  terminationGracePeriodSeconds?: number
  activeDeadlineSeconds?: number
  serviceAccountName?: string
}

export interface Container {
  name: string
  image: string
  command?: string[]
  args?: string[]
  workingDir?: string
  env?: EnvVar[]
  envFrom?: EnvFromSource[]
  ports?: { name?: string; containerPort: number }[]
  resources?: { limits?: Record<string, string>; requests?: Record<string, string> }
  volumeMounts?: VolumeMount[]
  startupProbe?: Probe
  livenessProbe?: Probe
  readinessProbe?: Probe
  lifecycle?: { preStop?: { exec?: ExecAction; sleep?: { seconds: number } } }
  terminationMessagePath?: string
  terminationMessagePolicy?: 'File' | 'FallbackToLogsOnError'
}

export interface ExecAction {
  command?: string[]
}

export interface EnvVar {
  name: string
  value?: string
  valueFrom?: {
    configMapKeyRef?: KeyRef
    secretKeyRef?: KeyRef
    fieldRef?: FieldRef
    resourceFieldRef?: ResourceFieldRef
  }
}

export interface KeyRef {
  name?: string
  key: string
  optional?: boolean
}

export interface FieldRef {
  fieldPath: string
}

export interface ResourceFieldRef {
  containerName?: string
  resource: string
  divisor?: string
}

export interface EnvFromSource {
  prefix?: string
  configMapRef?: { name?: string; optional?: boolean }
  secretRef?: { name?: string; optional?: boolean }
}

export interface VolumeMount {
  name: string
  mountPath: string
  subPath?: string
  subPathExpr?: string
  readOnly?: boolean
}

export interface KeyToPath {
  key: string
  path: string
  mode?: number
}

export interface ConfigMapSource {
  name?: string
  items?: KeyToPath[]
  optional?: boolean
}

export interface DownwardApiItem {
  path: string
  fieldRef?: FieldRef
  resourceFieldRef?: ResourceFieldRef
  mode?: number
}

export interface TokenSource {
  audience?: string
  expirationSeconds?: number
  path: string
}

export interface ProjectedSource {
  serviceAccountToken?: TokenSource
  configMap?: ConfigMapSource
  secret?: ConfigMapSource
  downwardAPI?: { items?: DownwardApiItem[] }
}

export interface Volume {
  name: string
  emptyDir?: object
  hostPath?: { path: string }
  secret?: { secretName?: string; items?: KeyToPath[]; optional?: boolean; defaultMode?: number }
  configMap?: ConfigMapSource & { defaultMode?: number }
  projected?: { sources?: ProjectedSource[]; defaultMode?: number }
  downwardAPI?: { items?: DownwardApiItem[]; defaultMode?: number }
}

export interface Probe {
  exec?: ExecAction
  httpGet?: {
    path?: string
    port: number | string
    host?: string
    scheme?: 'HTTP' | 'HTTPS'
    httpHeaders?: { name: string; value: string }[]
  }
  tcpSocket?: { port: number | string; host?: string }
  initialDelaySeconds?: number
  periodSeconds?: number
  timeoutSeconds?: number
  successThreshold?: number
  failureThreshold?: number
  terminationGracePeriodSeconds?: number
}

export interface PodCondition {
  type: string
  status: 'True' | 'False' | 'Unknown'
  reason?: string
  message?: string
  lastTransitionTime?: string
  lastProbeTime?: string | null
}

export interface TerminatedStatus {
  exitCode: number
  signal?: number
  reason: string
  message?: string
  startedAt?: string
  finishedAt?: string
  containerID?: string
}

export interface ContainerStatus {
  name: string
  image: string
  imageID: string
  containerID?: string
  ready: boolean
  started: boolean
  restartCount: number
  state: {
    waiting?: { reason: string; message?: string }
    running?: { startedAt: string }
    terminated?: TerminatedStatus
  }
  lastState: { terminated?: TerminatedStatus }
}

export interface PodStatus {
  phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown'
  reason?: string
  message?: string
  startTime?: string
  hostIP?: string
  hostIPs?: { ip: string }[]
  podIP?: string
  podIPs?: { ip: string }[]
  conditions?: PodCondition[]
  containerStatuses?: ContainerStatus[]
  initContainerStatuses?: ContainerStatus[]
}

/** A ConfigMap or a Secret; the values of a Secret, and a ConfigMap's `binaryData`, are base64. */
export interface ConfigObject {
  metadata: ObjectMeta
  data?: Record<string, string>
  binaryData?: Record<string, string>
}
