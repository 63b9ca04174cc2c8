import { secret, systemNamespace } from './manifests.ts'

/** A PostgreSQL server on a cluster. */
export interface DatabaseOnCluster {
  /** Of its StatefulSet and its Service. */
  readonly name: string
  /** Of its superuser, postgres. */
  readonly password: string
  /** The port of every node that leads to it. */
  readonly nodePort: number
}

/** The port of PostgreSQL in its pod and on its Service. */
export const postgresPort = 5432

/** The official image, of the major version that the databases of this machine have. */
const postgresImage = 'postgres:18'

/** A Secret, a Service and a StatefulSet of one pod with a volume of the cluster's default storage class. */
export function databaseManifests({ name, password, nodePort }: DatabaseOnCluster): object[] {
  const labels = { 'app.kubernetes.io/name': name, 'app.kubernetes.io/part-of': 'amx-quickstart' }
  const metadata = { name, namespace: systemNamespace, labels }
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: {
      type: 'NodePort',
      selector: labels,
      ports: [{ name: 'postgres', port: postgresPort, targetPort: 'postgres', nodePort }],
    },
  }
  const statefulSet = {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata,
    spec: {
      replicas: 1,
      serviceName: name,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: podSpec(name) },
      volumeClaimTemplates: [
        {
          metadata: { name: 'data' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '2Gi' } } },
        },
      ],
    },
  }
  return [secret(passwordSecret(name), { password }), service, statefulSet]
}

function podSpec(name: string): object {
  return {
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 30,
    containers: [
      {
        name: 'postgres',
        image: postgresImage,
        imagePullPolicy: 'IfNotPresent',
        args: Object.entries(postgresSettings).flatMap(([setting, value]) => ['-c', `${setting}=${value}`]),
        env: [
          { name: 'POSTGRES_PASSWORD', valueFrom: { secretKeyRef: { name: passwordSecret(name), key: 'password' } } },
          // The image trusts loopback; the demo's foreign table signs in over it, which only counts with a password.
          { name: 'POSTGRES_INITDB_ARGS', value: '--auth-host=scram-sha-256' },
        ],
        ports: [{ name: 'postgres', containerPort: postgresPort }],
        // While the image prepares the data folder, its server listens on a socket file alone: only TCP counts.
        readinessProbe: {
          exec: { command: ['pg_isready', '--host=127.0.0.1', '--username=postgres'] },
          periodSeconds: 1,
          timeoutSeconds: 3,
        },
        volumeMounts: [
          // Since 18 the image keeps a folder per major version below this one.
          { name: 'data', mountPath: '/var/lib/postgresql' },
          { name: 'shared-memory', mountPath: '/dev/shm' },
        ],
      },
    ],
    // Parallel queries need more than the 64 MiB that a container has by itself.
    volumes: [{ name: 'shared-memory', emptyDir: { medium: 'Memory', sizeLimit: '256Mi' } }],
  }
}

const postgresSettings = {
  max_connections: '200',
  shared_preload_libraries: 'pg_stat_statements',
  log_min_messages: 'warning',
  log_timezone: 'UTC',
  timezone: 'UTC',
}

function passwordSecret(name: string): string {
  return `${name}-password`
}
