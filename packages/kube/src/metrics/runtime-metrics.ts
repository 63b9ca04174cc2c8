import { Counter, Gauge, Histogram, Registry } from 'prom-client'

/** What the runtime counts, under the names and labels of Go's controller-runtime and client-go. */
export interface RuntimeMetrics {
  readonly registry: Registry
  readonly reconcileTotal: Counter<'controller' | 'result'>
  readonly reconcileErrors: Counter<'controller'>
  readonly terminalErrors: Counter<'controller'>
  readonly reconcileTimeouts: Counter<'controller'>
  readonly reconcileSeconds: Histogram<'controller'>
  readonly activeWorkers: Gauge<'controller'>
  readonly maxConcurrentReconciles: Gauge<'controller'>
  readonly queueDepth: Gauge<'name' | 'controller'>
  readonly queueAdds: Counter<'name' | 'controller'>
  readonly queueSeconds: Histogram<'name' | 'controller'>
  readonly workSeconds: Histogram<'name' | 'controller'>
  readonly unfinishedWorkSeconds: Gauge<'name' | 'controller'>
  readonly longestRunningSeconds: Gauge<'name' | 'controller'>
  readonly queueRetries: Counter<'name' | 'controller'>
  readonly restRequests: Counter<'code' | 'method' | 'host'>
  readonly leaderStatus: Gauge<'name'>
  readonly reflectorRelists: Counter<'resource'>
  readonly reflectorFailures: Counter<'resource'>
  readonly eventsDropped: Counter<'reason'>
  /** Registers something that is asked for its current figures before every scrape; returns what takes it away. */
  beforeScrape(refresh: () => void): () => void
  /** The exposition text, after everything that asked for it has refreshed its figures. */
  scrape(): Promise<string>
}

const reconcileBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
const queueBuckets = [1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100, 1000]

/** Creates the runtime's metrics in the registry; throws when the registry has metrics of these names already. */
export function createRuntimeMetrics(registry: Registry = new Registry()): RuntimeMetrics {
  const registers = [registry]
  const refreshers = new Set<() => void>()
  const queueLabels = ['name', 'controller'] as const
  return {
    registry,
    reconcileTotal: new Counter({
      name: 'controller_runtime_reconcile_total',
      help: 'Total number of reconciliations per controller.',
      labelNames: ['controller', 'result'] as const,
      registers,
    }),
    reconcileErrors: new Counter({
      name: 'controller_runtime_reconcile_errors_total',
      help: 'Total number of reconciliation errors per controller.',
      labelNames: ['controller'] as const,
      registers,
    }),
    terminalErrors: new Counter({
      name: 'controller_runtime_terminal_reconcile_errors_total',
      help: 'Total number of reconciliation errors per controller that are not retried.',
      labelNames: ['controller'] as const,
      registers,
    }),
    reconcileTimeouts: new Counter({
      name: 'controller_runtime_reconcile_timeouts_total',
      help: 'Total number of reconciliations that were aborted because they took too long.',
      labelNames: ['controller'] as const,
      registers,
    }),
    reconcileSeconds: new Histogram({
      name: 'controller_runtime_reconcile_time_seconds',
      help: 'Length of time per reconciliation per controller.',
      labelNames: ['controller'] as const,
      buckets: reconcileBuckets,
      registers,
    }),
    activeWorkers: new Gauge({
      name: 'controller_runtime_active_workers',
      help: 'Number of currently used workers per controller.',
      labelNames: ['controller'] as const,
      registers,
    }),
    maxConcurrentReconciles: new Gauge({
      name: 'controller_runtime_max_concurrent_reconciles',
      help: 'Maximum number of concurrent reconciles per controller.',
      labelNames: ['controller'] as const,
      registers,
    }),
    queueDepth: new Gauge({
      name: 'workqueue_depth',
      help: 'Current depth of workqueue.',
      labelNames: queueLabels,
      registers,
    }),
    queueAdds: new Counter({
      name: 'workqueue_adds_total',
      help: 'Total number of adds handled by workqueue.',
      labelNames: queueLabels,
      registers,
    }),
    queueSeconds: new Histogram({
      name: 'workqueue_queue_duration_seconds',
      help: 'How long in seconds an item stays in workqueue before being requested.',
      labelNames: queueLabels,
      buckets: queueBuckets,
      registers,
    }),
    workSeconds: new Histogram({
      name: 'workqueue_work_duration_seconds',
      help: 'How long in seconds processing an item from workqueue takes.',
      labelNames: queueLabels,
      buckets: queueBuckets,
      registers,
    }),
    unfinishedWorkSeconds: new Gauge({
      name: 'workqueue_unfinished_work_seconds',
      help: 'Seconds of work that is in progress and has not been observed by work_duration.',
      labelNames: queueLabels,
      registers,
    }),
    longestRunningSeconds: new Gauge({
      name: 'workqueue_longest_running_processor_seconds',
      help: 'How many seconds the longest running processor of the workqueue has been running.',
      labelNames: queueLabels,
      registers,
    }),
    queueRetries: new Counter({
      name: 'workqueue_retries_total',
      help: 'Total number of retries handled by workqueue.',
      labelNames: queueLabels,
      registers,
    }),
    restRequests: new Counter({
      name: 'rest_client_requests_total',
      help: 'Number of HTTP requests, partitioned by status code, method, and host.',
      labelNames: ['code', 'method', 'host'] as const,
      registers,
    }),
    leaderStatus: new Gauge({
      name: 'leader_election_master_status',
      help: 'Whether the reporting process is the leader of the named lease: 1 leader, 0 not.',
      labelNames: ['name'] as const,
      registers,
    }),
    reflectorRelists: new Counter({
      name: 'reflector_lists_total',
      help: 'Total number of complete lists that a cache was filled from.',
      labelNames: ['resource'] as const,
      registers,
    }),
    reflectorFailures: new Counter({
      name: 'reflector_failures_total',
      help: 'Total number of lists and watches that failed and are tried again.',
      labelNames: ['resource'] as const,
      registers,
    }),
    eventsDropped: new Counter({
      name: 'event_recorder_dropped_total',
      help: 'Events that were not written, by the reason why.',
      labelNames: ['reason'] as const,
      registers,
    }),
    beforeScrape(refresh) {
      refreshers.add(refresh)
      return () => refreshers.delete(refresh)
    },
    scrape() {
      for (const refresh of refreshers) refresh()
      return registry.metrics()
    },
  }
}
