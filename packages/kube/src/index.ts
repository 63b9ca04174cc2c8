export type { ResourceEvent, ResourceMeta } from '@dot-i/k8s-operator'
export { type BackoffOptions, backoffMs } from './backoff/backoff.ts'
export { type Clock, pause, systemClock } from './clock/clock.ts'
export {
  type Controller,
  type ControllerOptions,
  createController,
  type Reconcile,
  type ReconcileContext,
  type ReconcileRequest,
  type ReconcileResult,
  type StuckReconcile,
} from './controller/controller.ts'
export {
  controllerOwner,
  createPushSource,
  type KeyMapper,
  type PushSource,
  type Source,
  sourceOf,
} from './controller/source.ts'
export { TerminalError } from './controller/terminal-error.ts'
export { createEventRecorder, type EventFacts, type EventRecorder } from './events/event-recorder.ts'
export { createFreshness, type Freshness } from './freshness/freshness.ts'
export { type HealthServer, startHealthServer } from './health/health-server.ts'
export { createLeaderElector, type LeaderElectionOptions, type LeaderElector } from './leader/leader-elector.ts'
export { type Logger, silentLogger } from './logger/logger.ts'
export { createRuntimeMetrics, type RuntimeMetrics } from './metrics/runtime-metrics.ts'
export {
  apiVersionOf,
  type KubeObject,
  keyOf,
  type ObjectKey,
  type ObjectMeta,
  type OwnerReference,
  objectKey,
  parseKey,
  type ResourceKind,
  resourcePath,
} from './object/kube-object.ts'
export { compareResourceVersions } from './object/resource-version.ts'
export {
  type CallOptions,
  type CreateOutcome,
  createResourceClient,
  type PropagationPolicy,
  type ResourceClient,
} from './patch/resource-client.ts'
export { createWorkQueue, type Priority, type WorkQueue } from './queue/work-queue.ts'
export { createReflector, type Reflector, type ReflectorOptions } from './reflector/reflector.ts'
export { createRuntime, type Runtime, type RuntimeEnd, type RuntimeOptions } from './runtime/runtime.ts'
export { ControllerOperator, type ControllerOperatorOptions } from './shell/controller-operator.ts'
export { createStore, type IndexFunction, type Store, type StoreEvent } from './store/store.ts'
export { isAlreadyExists, isConflict, isGone, isNotFound, KubeError } from './transport/kube-error.ts'
export { loadKubeConfig } from './transport/load-kube-config.ts'
export { MemoisedKubeConfig } from './transport/memoised-kube-config.ts'
export { createTransport, type RequestOptions, type Transport } from './transport/transport.ts'
