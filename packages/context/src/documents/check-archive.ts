import { promisify } from 'node:util'
import { inflateRaw } from 'node:zlib'
import { sayBytes } from '../context-limits.ts'

const mostEntries = 5_000
const mostUnpackedBytes = 128 * 1024 * 1024
const inflate = promisify(inflateRaw)

/**
 * Why a ZIP archive is not unpacked; null when it may be. Its entries are inflated here once under a limit, because what the
 * directory of a hostile archive says about their size need not be true.
 */
export async function checkArchive(bytes: Buffer): Promise<string | null> {
  const end = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]))
  if (end < 0 || end + 22 > bytes.length) return 'it is not a ZIP archive'
  const entries = bytes.readUInt16LE(end + 10)
  let at = bytes.readUInt32LE(end + 16)
  if (entries > mostEntries) return `it holds ${entries} parts; ${mostEntries} are read at most`
  let unpacked = 0
  for (let index = 0; index < entries; index += 1) {
    if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== 0x02014b50) return 'its directory is broken'
    const flags = bytes.readUInt16LE(at + 8)
    const method = bytes.readUInt16LE(at + 10)
    const packedSize = bytes.readUInt32LE(at + 20)
    const local = bytes.readUInt32LE(at + 42)
    if ((flags & 1) !== 0) return 'it is encrypted'
    if (method !== 0 && method !== 8) return 'it is packed in a way that is not read'
    if (local + 30 > bytes.length || bytes.readUInt32LE(local) !== 0x04034b50) return 'its directory is broken'
    const from = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28)
    const packed = bytes.subarray(from, from + packedSize)
    const size = method === 0 ? packed.length : await inflatedSize(packed, mostUnpackedBytes - unpacked)
    if (size === null) return `it unpacks to more than ${sayBytes(mostUnpackedBytes)}, or is broken`
    unpacked += size
    at += 46 + bytes.readUInt16LE(at + 28) + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32)
  }
  return null
}

async function inflatedSize(packed: Buffer, limitBytes: number): Promise<number | null> {
  if (limitBytes < 1) return null
  try {
    return (await inflate(packed, { maxOutputLength: limitBytes })).length
  } catch {
    return null
  }
}
