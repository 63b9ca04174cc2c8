/** A program and its arguments. */
export interface Command {
  command: string
  args: readonly string[]
}

/** A component's name, which is also its target in the Dockerfile, and its image. */
export interface ComponentImage {
  target: string
  image: string
}

const dockerfile = 'hack/cluster/kind/Dockerfile'

/** kind chooses the node image: each of its releases works with its own images only. */
export function createClusterCommand(cluster: { name: string; kubeconfigPath: string }): Command {
  return {
    command: 'kind',
    args: ['create', 'cluster', '--name', cluster.name, '--kubeconfig', cluster.kubeconfigPath, '--wait', '180s'],
  }
}

export function exportKubeConfigCommand(cluster: { name: string; kubeconfigPath: string }): Command {
  return {
    command: 'kind',
    args: ['export', 'kubeconfig', '--name', cluster.name, '--kubeconfig', cluster.kubeconfigPath],
  }
}

export function deleteClusterCommand(cluster: { name: string; kubeconfigPath: string }): Command {
  return {
    command: 'kind',
    args: ['delete', 'cluster', '--name', cluster.name, '--kubeconfig', cluster.kubeconfigPath],
  }
}

export const listClustersCommand: Command = { command: 'kind', args: ['get', 'clusters'] }

/** Builds a component's image from the checkout, which is the folder to run it in. */
export function buildImageCommand({ target, image }: ComponentImage): Command {
  return { command: 'docker', args: ['build', '--file', dockerfile, '--target', target, '--tag', `${image}:dev`, '.'] }
}

/** Copies images of the Docker engine to the nodes of the cluster. */
export function loadImagesCommand(name: string, images: readonly ComponentImage[]): Command {
  return {
    command: 'kind',
    args: ['load', 'docker-image', '--name', name, ...images.map(({ image }) => `${image}:dev`)],
  }
}

/** A name that kind takes, at most 50 characters, from the key of a checkout. */
export function kindClusterName(checkoutKey: string): string {
  const name = `amx-${checkoutKey}`.toLowerCase().replaceAll(/[^a-z0-9-]/g, '-')
  return name.length <= 50 ? name : `amx${name.slice(-47).replace(/^[^-]*/, '')}`
}
