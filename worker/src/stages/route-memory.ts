import type { RouteMemory } from '@amx/api'
import type { ServerClient } from '../server-client.ts'

export interface MemoryKeeper {
  /** Sends what was learnt; what is learnt while it is under way goes after it. */
  keep(memory: RouteMemory): void
  /** Waits for what is under way. */
  settled(): Promise<void>
}

/** Tells the server what this pod learns of the model's server. A memory that does not arrive costs the next pod a try, no more. */
export function createMemoryKeeper(server: Pick<ServerClient, 'postRouteMemory'>): MemoryKeeper {
  let next: RouteMemory | null = null
  let sending: Promise<void> | null = null

  async function send(): Promise<void> {
    while (next !== null) {
      const memory = next
      next = null
      await server.postRouteMemory(memory, AbortSignal.timeout(30_000)).catch(() => {})
    }
    sending = null
  }

  return {
    keep(memory) {
      next = memory
      sending ??= send()
    },
    settled: async () => sending ?? undefined,
  }
}
