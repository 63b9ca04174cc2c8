import 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    /** The kubeconfig of an administrator of the control plane that all tests of a run share. */
    kubeConfigPath: string
    /** The kubectl of that control plane. */
    kubectlPath: string
    /** The PEM certificate authority that signs the client certificates of that control plane, and its key. */
    clientCa: string
    clientCaKey: string
    /** A superuser's URL of the PostgreSQL server that all tests of a run share. */
    adminDatabaseUrl: string
  }
}
