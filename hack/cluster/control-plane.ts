import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { controlPlaneCertificates } from './control-plane-certificates.ts'
import {
  apiServerFlags,
  type ControlPlaneLayout,
  type ControlPlanePorts,
  controllerManagerFlags,
  etcdFlags,
  schedulerFlags,
} from './control-plane-flags.ts'
import { type ControlPlanePrograms, findControlPlanePrograms, programPath } from './control-plane-programs.ts'
import { statusOf, waitUntilHealthy } from './control-plane-readiness.ts'
import { freePorts, isPortFree } from './free-port.ts'
import { kubeConfigYaml } from './kubeconfig.ts'
import { type Lifetime, openProcessGroup, type ProcessGroup, stopRecordedProcesses } from './process-group.ts'
import { isAlive, readRecords } from './process-record.ts'
import type { ProgramName } from './program-names.ts'
import { type Progress, silentProgress } from './progress.ts'

/** Where and for how long a control plane runs. */
export interface ControlPlaneOptions {
  /** Everything it writes is in this folder: certificates, etcd's data, logs, process ids. */
  dataDir: string
  signal?: AbortSignal
  /** @default 'owned': it ends with this process. */
  lifetime?: Lifetime
  /** @default silent */
  progress?: Progress
}

/** A control plane that runs on loopback ports of this machine. */
export interface ControlPlane {
  url: string
  /** The kubeconfig file of a cluster administrator. */
  kubeconfigPath: string
  adminKubeConfigYaml: string
  /** The PEM certificate authority of the API server's certificate and of all client certificates. */
  clientCa: string
  /** The private key of that authority, for tests that need users of their own. */
  clientCaKey: string
  kubectlPath: string
  /** Ends every process of it; its data stays. */
  stop(): Promise<void>
}

/** What a folder says about a control plane that was started in it. */
export type ControlPlaneStatus =
  | { state: 'absent' | 'stopped' }
  | { state: 'running' | 'unhealthy'; url: string; kubeconfigPath: string; kubectlPath: string; detail: string }

interface StoredState {
  ports: ControlPlanePorts
  kubectlPath: string
}

/**
 * Starts etcd, the API server, the controller manager and the scheduler, and gives them back once they are ready: about
 * three seconds, plus five minutes the first time on a machine (see findControlPlanePrograms). What an earlier run left
 * in the folder is ended first; its data and certificates are used again.
 * Throws with the end of the log of the program that failed, leaving no process behind.
 */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const progress = options.progress ?? silentProgress
  const programs = await findControlPlanePrograms({ progress, signal: options.signal })
  const lifetime = options.lifetime ?? 'owned'
  mkdirSync(options.dataDir, { recursive: true, mode: 0o700 })
  return await progress.step('starting the Kubernetes control plane', async () => {
    const group = await openProcessGroup(recordPath(options.dataDir), lifetime)
    try {
      return await startPrograms({ ...options, programs, group })
    } catch (error) {
      await group.stop({ graceMs: 0 })
      throw error
    }
  })
}

async function startPrograms(
  options: ControlPlaneOptions & { programs: ControlPlanePrograms; group: ProcessGroup },
): Promise<ControlPlane> {
  const { dataDir, programs, group, signal } = options
  const certificates = await controlPlaneCertificates(join(dataDir, 'pki'))
  const ports = await choosePorts(dataDir)
  const url = `https://127.0.0.1:${ports.apiServer}`
  const writeKubeConfig = (file: string, client: Parameters<typeof certificates.client>[0]) => {
    const path = join(dataDir, file)
    const { certificate, key } = certificates.client(client)
    const yaml = kubeConfigYaml({
      url,
      clusterName: 'amx-local',
      userName: client,
      caPath: certificates.ca,
      certificatePath: certificate,
      keyPath: key,
    })
    writeFileSync(path, yaml, { mode: 0o600 })
    return { path, yaml }
  }
  const admin = writeKubeConfig('kubeconfig', 'admin')
  const layout: ControlPlaneLayout = {
    ports,
    certificates,
    etcdDataDir: join(dataDir, 'etcd'),
    controllerManagerKubeConfig: writeKubeConfig('controller-manager.kubeconfig', 'controller-manager').path,
    schedulerKubeConfig: writeKubeConfig('scheduler.kubeconfig', 'scheduler').path,
  }
  const kubectlPath = programPath(programs, 'kubectl')
  const stored: StoredState = { ports, kubectlPath }
  writeFileSync(statePath(dataDir), JSON.stringify(stored))

  const start = async (name: ProgramName, args: string[]) => {
    const logPath = join(dataDir, 'logs', `${name}.log`)
    return { logPath, program: await group.start({ name, command: programPath(programs, name), args, logPath }) }
  }
  const healthy = async (started: Awaited<ReturnType<typeof start>>, healthUrl: string) => {
    const { certificate, key } = certificates.client('admin')
    await waitUntilHealthy(
      { url: healthUrl, caPath: certificates.ca, certificatePath: certificate, keyPath: key },
      started.program,
      { logPath: started.logPath, withinMs: 90_000, signal },
    )
  }
  const etcd = await start('etcd', etcdFlags(layout))
  await healthy(etcd, `https://127.0.0.1:${ports.etcd}/health`)
  const apiServer = await start('kube-apiserver', apiServerFlags(layout))
  await healthy(apiServer, `${url}/readyz`)
  const controllerManager = await start('kube-controller-manager', controllerManagerFlags(layout))
  const scheduler = await start('kube-scheduler', schedulerFlags(layout))
  await Promise.all([
    healthy(controllerManager, `https://127.0.0.1:${ports.controllerManager}/healthz`),
    healthy(scheduler, `https://127.0.0.1:${ports.scheduler}/healthz`),
  ])
  return {
    url,
    kubeconfigPath: admin.path,
    adminKubeConfigYaml: admin.yaml,
    clientCa: readFileSync(certificates.ca, 'utf8'),
    clientCaKey: readFileSync(certificates.caKey, 'utf8'),
    kubectlPath,
    stop: () => group.stop({ graceMs: stopGraceMs }),
  }
}

/** Ends the control plane of a folder, whoever started it. */
export async function stopControlPlane(dataDir: string): Promise<void> {
  await stopRecordedProcesses(recordPath(dataDir), { graceMs: stopGraceMs })
}

/** Whether the control plane of a folder runs and answers. */
export async function controlPlaneStatus(dataDir: string): Promise<ControlPlaneStatus> {
  const stored = readState(dataDir)
  if (stored === undefined) return { state: 'absent' }
  const records = readRecords(recordPath(dataDir))
  const living = records.filter(isAlive)
  if (living.length === 0) return { state: 'stopped' }
  const url = `https://127.0.0.1:${stored.ports.apiServer}`
  const admin = join(dataDir, 'pki', 'admin')
  const place = { url, kubeconfigPath: join(dataDir, 'kubeconfig'), kubectlPath: stored.kubectlPath }
  const gone = records.filter((record) => !isAlive(record))
  if (gone.length > 0 || records.length < 4) {
    return {
      state: 'unhealthy',
      ...place,
      detail: `not running: ${gone.map(({ name }) => name).join(', ') || 'some programs'}`,
    }
  }
  const answer = await statusOf({
    url: `${url}/readyz`,
    caPath: join(dataDir, 'pki', 'ca.crt'),
    certificatePath: `${admin}.crt`,
    keyPath: `${admin}.key`,
  })
  if (answer !== 200) return { state: 'unhealthy', ...place, detail: `the API server says: ${answer}` }
  return { state: 'running', ...place, detail: `pids ${living.map(({ pid }) => pid).join(', ')}` }
}

const stopGraceMs = 3_000

function recordPath(dataDir: string): string {
  return join(dataDir, 'control-plane.pids')
}

function statePath(dataDir: string): string {
  return join(dataDir, 'control-plane.json')
}

function readState(dataDir: string): StoredState | undefined {
  const path = statePath(dataDir)
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as StoredState) : undefined
}

/** Every port of the last time that is free, so that a kubeconfig somebody copied keeps working; new ones for the rest. */
async function choosePorts(dataDir: string): Promise<ControlPlanePorts> {
  const stored = readState(dataDir)?.ports
  const fresh = await freePorts(5)
  const choose = async (name: keyof ControlPlanePorts) => {
    const last = stored?.[name]
    const spare = fresh.pop() ?? 0
    return last !== undefined && (await becomesFree(last)) ? last : spare
  }
  return {
    etcd: await choose('etcd'),
    etcdPeer: await choose('etcdPeer'),
    apiServer: await choose('apiServer'),
    controllerManager: await choose('controllerManager'),
    scheduler: await choose('scheduler'),
  }
}

/** A program that was killed can hold its port for a moment longer than its process id. */
async function becomesFree(port: number): Promise<boolean> {
  const until = Date.now() + 2_000
  while (!(await isPortFree(port))) {
    if (Date.now() > until) return false
    await delay(25)
  }
  return true
}
