/** Keeps the volumes of a pod up to date, one round of writing at a time. */
export interface VolumeUpkeep {
  /** Writes the volumes; asked for during a round, it makes a further one. */
  refresh(): void
  /** Ends the renewals; resolves when no round is under way. */
  end(): Promise<void>
}

export interface VolumeUpkeepOptions {
  write(): Promise<void>
  /** When a token is due, as epoch milliseconds. */
  renewAtMs(): number | undefined
  /** Whether the pod still needs its volumes. */
  wanted(): boolean
  written(): void
  /** Gives in how many milliseconds to try again; undefined = not before the next `refresh`. */
  failed(error: unknown): number | undefined
}

const longestTimerMs = 2 ** 31 - 1

export function keepVolumes(options: VolumeUpkeepOptions): VolumeUpkeep {
  let round: Promise<void> = Promise.resolve()
  let activity: 'idle' | 'writing' = 'idle'
  let again = false
  let timer: NodeJS.Timeout | undefined

  async function write(): Promise<void> {
    try {
      await options.write()
      const dueMs = options.renewAtMs()
      if (dueMs !== undefined) refreshIn(dueMs - Date.now())
      options.written()
    } catch (error) {
      if (!options.wanted()) return
      const retryMs = options.failed(error)
      if (retryMs !== undefined) refreshIn(retryMs)
    }
  }

  function refreshIn(ms: number): void {
    clearTimeout(timer)
    timer = setTimeout(refresh, Math.min(longestTimerMs, Math.max(100, ms)))
  }

  function refresh(): void {
    again = true
    if (activity === 'idle') round = rounds()
  }

  async function rounds(): Promise<void> {
    activity = 'writing'
    while (again && options.wanted()) {
      again = false
      await write()
    }
    activity = 'idle'
  }

  return {
    refresh,
    async end() {
      clearTimeout(timer)
      await round
      clearTimeout(timer)
    },
  }
}
