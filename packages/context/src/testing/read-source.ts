import { type OpenSourceOptions, openSource } from '../sources/open-source.ts'

/** Opens a source and reads all of it: texts and reasons by path. */
export async function readSource(
  spec: Parameters<typeof openSource>[0],
  options: Partial<OpenSourceOptions> & Pick<OpenSourceOptions, 'signal'>,
) {
  const { signal } = options
  const source = await openSource(spec, { directory: null, secrets: {}, ...options })
  try {
    const { files, skipped } = await source.files(signal)
    const texts: Record<string, string> = {}
    const reasons = Object.fromEntries(skipped.map(({ path, reason }) => [path, reason]))
    for (const file of files) {
      const content = await file.read(signal)
      if (Buffer.isBuffer(content)) texts[file.path] = content.toString()
      else reasons[content.path] = content.reason
    }
    return { revision: source.revision, texts, reasons }
  } finally {
    await source.close()
  }
}
