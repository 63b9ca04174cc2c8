import { apiVersion, type DatabaseProfile, type LLMProfile, type MetadataRun } from '@amx/api'
import { describe, expect, it } from 'vitest'
import { prepareRun, type References } from './prepare-run.ts'
import { fixtureRun } from './run-fixture.ts'

const metadata = (name: string) => ({ ...fixtureRun().metadata, name })

const database: DatabaseProfile = {
  apiVersion,
  kind: 'DatabaseProfile',
  metadata: metadata('shop-db'),
  spec: {
    backend: 'PostgreSQL',
    postgresql: { host: 'warehouse', database: 'shop' },
    readerSecretRef: { name: 'reader' },
    writerSecretRef: { name: 'writer' },
  },
}
const model: LLMProfile = { apiVersion, kind: 'LLMProfile', metadata: metadata('model'), spec: { provider: 'BuiltIn' } }
const { writerSecretRef: _, ...readOnlySpec } = database.spec
const source = fixtureRun({ metadata: { name: 'source', uid: 'uid-0' } })

function references(changes: Partial<References> = {}): References {
  return {
    databaseProfile: (name) => (name === 'shop-db' ? database : null),
    llmProfile: (name) => (name === 'model' ? model : null),
    run: (name) => (name === 'source' ? source : null),
    ...changes,
  }
}

function prepared(spec: Partial<MetadataRun['spec']> = {}, changes: Partial<References> = {}) {
  return prepareRun(fixtureRun({ spec }), references(changes), '0.1.0')
}

function begin(spec: Partial<MetadataRun['spec']> = {}) {
  const preparation = prepared(spec)
  if (preparation.kind !== 'Ready') throw new Error(`not ready: ${preparation.error.message}`)
  return preparation.begin
}

describe('a run before it begins', () => {
  it('has its profiles and defaults frozen into one document', () => {
    const { settings, scopeText, specDigest } = begin({
      targets: [{ databaseProfileRef: { name: 'shop-db' }, scope: { include: ['sales', 'hr', 'web', 'ops'] } }],
    })
    expect(settings.targets[0]).toMatchObject({ databaseKey: 'postgresql://warehouse:5432/shop', writable: true })
    expect(settings.model?.model).toBe('built-in')
    expect(scopeText).toBe('shop: sales, hr, web and 1 more')
    expect(specDigest).toMatch(/^sha256:/)
  })

  it('is refused when two targets are the same database', () => {
    const target = { databaseProfileRef: { name: 'shop-db' } }
    const refused = prepared({ targets: [target, { ...target, database: 'shop', scope: { include: ['hr'] } }] })
    expect(refused).toMatchObject({
      kind: 'Refused',
      reason: 'InvalidSpec',
      error: { message: 'spec.targets[1]: is the database of targets[0] as well: put both scopes into one target' },
    })
  })

  it('is the same run whether it is to run or suspended', () => {
    expect(begin({ desiredState: 'Suspend' }).specDigest).toBe(begin().specDigest)
    expect(begin({ activeDeadline: '5h' }).specDigest).not.toBe(begin().specDigest)
  })

  it.each([
    ['DatabaseProfile', { databaseProfile: () => null }, 'DatabaseProfile "shop-db"'],
    ['LLMProfile', { llmProfile: () => null }, 'LLMProfile "model"'],
  ])('waits for a missing %s', (_kind, changes, named) => {
    const preparation = prepared({}, changes)
    expect(preparation).toMatchObject({ kind: 'Waiting', reason: 'ProfileNotFound' })
    expect(preparation.kind === 'Waiting' && preparation.error.message).toContain(named)
  })

  it('is refused for a field of its own before its profiles are looked for', () => {
    const preparation = prepared({ generation: { batchAPI: true } }, { databaseProfile: () => null })
    expect(preparation).toMatchObject({ kind: 'Refused', reason: 'NotYetSupported' })
  })

  it('is refused for a field of a profile', () => {
    const other = { ...model, spec: { ...model.spec, embeddings: { model: 'other' } } }
    expect(prepared({}, { llmProfile: () => other })).toMatchObject({ kind: 'Refused', reason: 'NotYetSupported' })
  })

  it('is refused when it is to write through a read-only profile, and only then', () => {
    const readOnly = { databaseProfile: () => ({ ...database, spec: readOnlySpec }) }
    expect(prepared({ apply: { policy: 'OnAccept' } }, readOnly)).toMatchObject({ reason: 'ReadOnlyProfile' })
    expect(prepared({}, readOnly).kind).toBe('Ready')
  })

  it('is refused when its settings contradict each other', () => {
    const preparation = prepared({ generation: { bands: { high: '0.40' } } })
    expect(preparation).toMatchObject({ kind: 'Refused', reason: 'InvalidSpec' })
  })
})

describe('a run of type Apply', () => {
  const apply = { type: 'Apply', source: { runRef: { name: 'source' } } } as const
  const spec = () => {
    const { targets: _targets, llmProfileRef: _llm, ...rest } = fixtureRun({ spec: apply }).spec
    return { ...fixtureRun(), spec: rest }
  }

  it('works on the targets and the queue of its source', () => {
    const preparation = prepareRun(spec(), references(), '0.1.0')
    expect(preparation).toMatchObject({
      kind: 'Ready',
      begin: { sourceRunUid: 'uid-0', settings: { model: null, targets: [{ profileName: 'shop-db' }] } },
    })
  })

  it('waits for a source that is not there', () => {
    const preparation = prepareRun(spec(), references({ run: () => null }), '0.1.0')
    expect(preparation).toMatchObject({ kind: 'Waiting', reason: 'MissingReference' })
  })
})
