import type { Kind } from '@amx/api'

/** One worked example per kind, shown in the reference; a test sends each to a real API server. */
export const resourceExamples: Readonly<Record<Kind, string>> = {
  DatabaseProfile: `
apiVersion: amx.dev/v1alpha1
kind: DatabaseProfile
metadata:
  name: prod-pg
spec:
  backend: PostgreSQL
  postgresql:
    host: pg.data.svc
    database: analytics
    tls:
      mode: verify-full
      caSecretRef:
        name: pg-ca
  readerSecretRef:
    name: pg-reader
  writerSecretRef:
    name: pg-owner
  privacy:
    samples: Masked
    excludeColumns: ["*.*.ssn"]
`,
  LLMProfile: `
apiVersion: amx.dev/v1alpha1
kind: LLMProfile
metadata:
  name: openai-prod
spec:
  provider: OpenAI
  model: gpt-4o
  apiKeySecretRef:
    name: openai
  limits:
    concurrency: 16
`,
  ContextSource: `
apiVersion: amx.dev/v1alpha1
kind: ContextSource
metadata:
  name: handbook
spec:
  kind: Documents
  git:
    url: https://git.example.com/data/handbook.git
    ref: main
  include: ["docs/**/*.md"]
`,
  MetadataRun: `
apiVersion: amx.dev/v1alpha1
kind: MetadataRun
metadata:
  name: sales-2026-11
spec:
  type: Analyze
  targets:
    - databaseProfileRef:
        name: prod-pg
      scope:
        include: [sales, catalog.product]
        missingOnly: true
  llmProfileRef:
    name: openai-prod
  generation:
    alternatives: 3
    confidenceSignal: SelfConsistency
  review:
    strategy: Auto
    accept: High
  apply:
    policy: OnAccept
`,
  MetadataSchedule: `
apiVersion: amx.dev/v1alpha1
kind: MetadataSchedule
metadata:
  name: nightly
spec:
  cron: "0 6 * * 1-5"
  timeZone: Europe/Istanbul
  runTemplate:
    spec:
      type: Analyze
      targets:
        - databaseProfileRef:
            name: prod-pg
          scope:
            missingOnly: true
      llmProfileRef:
        name: openai-prod
`,
  ReviewDecision: `
apiVersion: amx.dev/v1alpha1
kind: ReviewDecision
metadata:
  name: sales-2026-11-first-look
spec:
  runRef:
    name: sales-2026-11
  draftDigest: sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae
  reviewer:
    username: ada@example.com
  items:
    - asset: sales.customer.email
      verdict: Accept
      alternative: 2
    - asset: sales.customer.note
      verdict: Accept
      text: Free-text remark of the sales team about the customer.
    - asset: sales.customer.tmp
      verdict: Skip
`,
}
