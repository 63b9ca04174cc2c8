import type { LogLine } from '@amx/api'
import type { Connection } from '../../connection/connection.ts'
import type { KubernetesObject } from '../../connection/kubernetes-client.ts'

interface PodLogQuery {
  readonly stage?: string
  readonly tail?: string
}

const stageLabel = 'amx.dev/stage'

/** Lines of the run's pods that still exist, from the cluster itself; false when there is none. */
export async function podLogs(
  { kubernetes, namespace }: Connection,
  run: string,
  { stage, tail = '1000' }: PodLogQuery,
  show: (line: LogLine) => void,
): Promise<boolean> {
  const labelSelector = `amx.dev/run=${run}${stage === undefined ? '' : `,${stageLabel}=${stage}`}`
  const pods = `api/v1/namespaces/${encodeURIComponent(namespace)}/pods`
  const { items } = await kubernetes.get<{ items: readonly KubernetesObject[] }>(
    `${pods}?${new URLSearchParams({ labelSelector })}`,
  )
  let shown = 0
  for (const { metadata } of items) {
    const query = new URLSearchParams({ tailLines: tail })
    const text = await kubernetes.getText(`${pods}/${metadata.name}/log?${query}`).catch(() => '')
    for (const line of text.split('\n').filter(Boolean)) {
      show(lineOf(line, metadata.name, metadata.labels?.[stageLabel] ?? ''))
      shown += 1
    }
  }
  return shown > 0
}

const levels: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
}

/** A JSON line of a worker, or any other text as it is. */
function lineOf(text: string, pod: string, stage: string): LogLine {
  try {
    const { time, level, msg, ...facts } = JSON.parse(text) as Record<string, unknown>
    return {
      id: '',
      time: String(time ?? ''),
      stage,
      pod,
      level: levels[Number(level)] ?? String(level ?? 'info'),
      message: String(msg ?? text),
      facts,
    }
  } catch {
    return { id: '', time: '', stage, pod, level: 'info', message: text, facts: null }
  }
}
