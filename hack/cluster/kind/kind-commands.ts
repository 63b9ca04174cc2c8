/** A program, its arguments, and what its environment has besides that of this process. */
export interface Command {
  command: string
  args: readonly string[]
  env?: Readonly<Record<string, string>>
}

/** A component's name, which is also its target in the Dockerfile, and its image. */
export interface ComponentImage {
  target: string
  image: string
}

/** A kind cluster, and the kind that makes it. */
export interface KindCluster {
  /** The program. */
  kind: string
  name: string
  kubeconfigPath: string
}

const dockerfile = 'hack/cluster/kind/Dockerfile'

/** kind chooses the node image: each of its releases works with its own images only. */
export function createClusterCommand({ kind, name, kubeconfigPath }: KindCluster, configPath: string): Command {
  const args = ['create', 'cluster', '--name', name, '--kubeconfig', kubeconfigPath, '--config', configPath]
  return { command: kind, args: [...args, '--wait', '180s'] }
}

export function exportKubeConfigCommand({ kind, name, kubeconfigPath }: KindCluster): Command {
  return { command: kind, args: ['export', 'kubeconfig', '--name', name, '--kubeconfig', kubeconfigPath] }
}

export function deleteClusterCommand({ kind, name, kubeconfigPath }: KindCluster): Command {
  return { command: kind, args: ['delete', 'cluster', '--name', name, '--kubeconfig', kubeconfigPath] }
}

export function listClustersCommand(kind: string): Command {
  return { command: kind, args: ['get', 'clusters'] }
}

/** Builds a component's image from the checkout, which is the folder to run it in. */
export function buildImageCommand({ target, image }: ComponentImage): Command {
  const args = ['build', '--file', dockerfile, '--target', target, '--tag', `${image}:dev`, '.']
  // Attestations would make an index of each image, which not every kind can load; the Dockerfile's ignore file needs
  // BuildKit.
  return { command: 'docker', args, env: { BUILDX_NO_DEFAULT_ATTESTATIONS: '1', DOCKER_BUILDKIT: '1' } }
}

/** Copies images of the Docker engine to the nodes of the cluster. */
export function loadImagesCommand({ kind, name }: KindCluster, images: readonly ComponentImage[]): Command {
  return {
    command: kind,
    args: ['load', 'docker-image', '--name', name, ...images.map(({ image }) => `${image}:dev`)],
  }
}

/** Starts the node of a cluster again after the Docker engine was stopped; nothing happens where it runs. */
export function startNodeCommand({ name }: KindCluster): Command {
  return { command: 'docker', args: ['start', nodeName(name)] }
}

/** Prints a file of the cluster's node. */
export function readNodeFileCommand({ name }: KindCluster, path: string): Command {
  return { command: 'docker', args: ['exec', nodeName(name), 'cat', path] }
}

/** Copies a file of the cluster's node to this machine. */
export function copyNodeFileCommand({ name }: KindCluster, from: string, to: string): Command {
  return { command: 'docker', args: ['cp', `${nodeName(name)}:${from}`, to] }
}

/** Prints which ports of this machine lead to which ports of the cluster's node. */
export function listPortsCommand({ name }: KindCluster): Command {
  return { command: 'docker', args: ['port', nodeName(name)] }
}

/** A name that kind takes, at most 50 characters, from the key of a folder. */
export function kindClusterName(folderKey: string): string {
  const name = `amx-${folderKey}`.toLowerCase().replaceAll(/[^a-z0-9-]/g, '-')
  return name.length <= 50 ? name : `amx${name.slice(-47).replace(/^[^-]*/, '')}`
}

function nodeName(cluster: string): string {
  return `${cluster}-control-plane`
}
