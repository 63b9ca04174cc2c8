import { createHash } from 'node:crypto'
import { writeHeader } from '@amx/api'

// The code stands behind `#`: browsers send that part to nobody, so it is in no log and in no Referer.
const script = `
const said = document.getElementById('said')
const code = new URLSearchParams(location.hash.slice(1)).get('code')
history.replaceState(null, '', location.pathname)
if (!code) said.textContent = 'Run "kubectl amx studio" and open the address it prints.'
else fetch('/api/v1/session', {
  method: 'POST',
  headers: { 'content-type': 'application/json', '${writeHeader}': 'sign-in' },
  body: JSON.stringify({ code }),
}).then(async (answer) => {
  if (answer.ok) return location.replace('/')
  const problem = await answer.json()
  said.textContent = problem.detail + '. ' + problem.remedy
}).catch((error) => { said.textContent = 'The server does not answer: ' + error.message })
`

/** What the page may do: run this script and talk to its own server. */
export const signInPolicy = `default-src 'none'; connect-src 'self'; script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'; frame-ancestors 'none'; base-uri 'none'`

/** The page that a one-time code is opened with; it exchanges the code for a session. */
export const signInPage = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Signing in · AMX on Kubernetes</title>
<p id="said">Signing in…</p>
<noscript><p>Signing in needs JavaScript.</p></noscript>
<script>${script}</script>
</html>
`
