/** What a browser sees at `/` until Studio's pages are there. */
export function homePage(version: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>AMX on Kubernetes</title>
<style>
  body { font: 16px/1.6 system-ui, sans-serif; color: #1c2733; background: #f6f8fa; margin: 0 }
  main { max-width: 42rem; margin: 12vh auto; padding: 0 1.5rem }
  h1 { font-size: 1.5rem }
  pre { background: #fff; border: 1px solid #d5dde5; border-radius: 6px; padding: 1rem; overflow-x: auto }
  a { color: #0b5cad }
</style>
<main>
  <h1>AMX on Kubernetes ${version}</h1>
  <p>The server runs. Studio, the dashboard for reviewers, is not part of this version yet; until it is, runs are
  looked at and reviewed from a terminal:</p>
  <pre>kubectl get metadataruns --all-namespaces
kubectl describe metadatarun NAME
kubectl amx review NAME</pre>
  <p>The API this server offers is described in <a href="/openapi.json">openapi.json</a>.</p>
</main>
</html>
`
}
