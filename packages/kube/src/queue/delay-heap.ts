/** Things ordered by when they fall due: a binary heap in which each key is held at most once. */
export interface DelayHeap {
  /** Adds the key, or brings it forward; a later time than it has already changes nothing. */
  push(key: string, dueMs: number): void
  /** When the first falls due; undefined when empty. */
  readonly nextDueMs: number | undefined
  /** Takes out what is due, earliest first. */
  popDue(nowMs: number): string[]
  has(key: string): boolean
  delete(key: string): void
  readonly size: number
}

interface Entry {
  readonly key: string
  readonly dueMs: number
}

/** An empty heap. */
export function createDelayHeap(): DelayHeap {
  // Entries that were brought forward or deleted stay in the heap and are passed over when they come up.
  const heap: Entry[] = []
  const due = new Map<string, number>()

  function isCurrent(entry: Entry): boolean {
    return due.get(entry.key) === entry.dueMs
  }

  function swap(a: number, b: number): void {
    const first = heap[a]
    const second = heap[b]
    if (first === undefined || second === undefined) return
    heap[a] = second
    heap[b] = first
  }

  function before(a: number, b: number): boolean {
    const first = heap[a]
    const second = heap[b]
    return first !== undefined && second !== undefined && first.dueMs < second.dueMs
  }

  function removeTop(): void {
    swap(0, heap.length - 1)
    heap.pop()
    for (let at = 0; ; ) {
      const left = 2 * at + 1
      const right = left + 1
      let least = at
      if (before(left, least)) least = left
      if (before(right, least)) least = right
      if (least === at) return
      swap(at, least)
      at = least
    }
  }

  function dropStale(): void {
    for (let top = heap[0]; top !== undefined && !isCurrent(top); top = heap[0]) removeTop()
  }

  return {
    push(key, dueMs) {
      const existing = due.get(key)
      if (existing !== undefined && existing <= dueMs) return
      due.set(key, dueMs)
      heap.push({ key, dueMs })
      for (let at = heap.length - 1; at > 0; ) {
        const parent = (at - 1) >> 1
        if (!before(at, parent)) return
        swap(at, parent)
        at = parent
      }
    },
    get nextDueMs() {
      dropStale()
      return heap[0]?.dueMs
    },
    popDue(nowMs) {
      const keys: string[] = []
      dropStale()
      for (let top = heap[0]; top !== undefined && top.dueMs <= nowMs; top = heap[0]) {
        keys.push(top.key)
        due.delete(top.key)
        removeTop()
        dropStale()
      }
      return keys
    },
    has: (key) => due.has(key),
    delete: (key) => due.delete(key),
    get size() {
      return due.size
    },
  }
}
