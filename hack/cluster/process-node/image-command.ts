/** Image names and the commands of this checkout that stand for them. */
export type ImageCommands = Readonly<Record<string, readonly string[]>>

/** The command that stands for an image, whatever its tag or digest; undefined for an unknown image. */
export function imageCommand(images: ImageCommands, image: string): readonly string[] | undefined {
  const wanted = imageName(image)
  return Object.entries(images).find(([name]) => imageName(name) === wanted)?.[1]
}

/** An image reference without tag and digest. */
export function imageName(reference: string): string {
  const [beforeDigest = ''] = reference.split('@')
  const slash = beforeDigest.lastIndexOf('/')
  const colon = beforeDigest.indexOf(':', slash + 1)
  return colon < 0 ? beforeDigest : beforeDigest.slice(0, colon)
}
