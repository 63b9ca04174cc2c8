import { apiVersion, type ContextSource, type DatabaseProfile, type LLMProfile, type MetadataRun } from '@amx/api'
import type { SourceRun } from '@amx/store'
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
    source: null,
    nowMs: Date.parse(fixtureRun().metadata.creationTimestamp) + 60_000,
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

  it('reads the catalog without a model, and without the documents that drafts would cite', () => {
    const spec = { type: 'Refresh', llmProfileRef: undefined } as never
    expect(prepared(spec, { llmProfile: () => null, contextSource: () => null })).toMatchObject({
      kind: 'Ready',
      begin: { type: 'Refresh', settings: { model: null } },
    })
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

describe('a run with documents and code', () => {
  const refs = (...names: string[]) => ({ contextRefs: names.map((name) => ({ name })) })
  const source = (name: string, status?: ContextSource['status']): ContextSource => ({
    apiVersion,
    kind: 'ContextSource',
    metadata: { ...metadata(name), uid: `uid-${name}` },
    spec: { kind: name === 'etl' ? 'Code' : 'Documents', configMap: { name } },
    ...(status !== undefined && { status }),
  })
  const condition = (type: string, status: 'True' | 'False', message = '') => ({
    ...{ type, status, message, reason: 'Indexed', lastTransitionTime: '2026-01-01T00:00:00Z' },
  })
  const indexed = { revision: 'r1', conditions: [condition('Ready', 'True')] }
  const withSources = (...sources: ContextSource[]): Partial<References> => ({
    contextSource: (name) => sources.find((known) => known.metadata.name === name) ?? null,
  })
  const both = withSources(source('handbook', indexed), source('etl', indexed))
  const contextOf = (spec: Partial<MetadataRun['spec']>, changes: Partial<References>) => {
    const preparation = prepared(spec, changes)
    return preparation.kind === 'Ready' ? preparation.begin.settings.context : preparation.kind
  }
  const profileWith = (...names: string[]) => ({
    databaseProfile: () => ({ ...database, spec: { ...database.spec, ...refs(...names) } }),
  })

  it('has them in its settings with what is indexed, each once', () => {
    expect(contextOf(refs('handbook', 'etl', 'handbook'), both)).toEqual([
      { name: 'handbook', uid: 'uid-handbook', kind: 'Documents', revision: 'r1' },
      { name: 'etl', uid: 'uid-etl', kind: 'Code', revision: 'r1' },
    ])
    expect(contextOf({}, both)).toBeUndefined()
  })

  it('takes those of its DatabaseProfile where it names none, and none where its list is empty', () => {
    const changes = { ...both, ...profileWith('etl') }
    expect(contextOf({}, changes)).toMatchObject([{ name: 'etl' }])
    expect(contextOf(refs('handbook'), changes)).toMatchObject([{ name: 'handbook' }])
    expect(contextOf(refs(), changes)).toBeUndefined()
  })

  it('waits for a source that is missing', () => {
    const preparation = prepared(refs('later'), both)
    expect(preparation).toMatchObject({ kind: 'Waiting', reason: 'ProfileNotFound' })
    expect(preparation.kind === 'Waiting' && preparation.error.message).toContain('ContextSource "later"')
  })

  it('waits for one that is being indexed and says how it fares, but no longer than the run may take', () => {
    const stalled = {
      conditions: [condition('Ready', 'False'), condition('Stalled', 'True', 'Git refused the sign-in.')],
    }
    const changes = withSources(source('handbook', stalled))
    expect(prepared(refs('handbook'), changes)).toMatchObject({
      kind: 'Waiting',
      reason: 'ContextNotIndexed',
      error: { message: 'ContextSource "handbook" is not indexed yet: Git refused the sign-in' },
    })
    const nowMs = Date.parse(fixtureRun().metadata.creationTimestamp) + 4 * 3_600_000
    expect(prepared(refs('handbook'), { ...changes, nowMs })).toMatchObject({ kind: 'Refused' })
    expect(prepared(refs('handbook'), { ...both, nowMs }).kind).toBe('Ready')
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

describe('a run that goes on from another', () => {
  const settings = begin({
    generation: { temperature: '0.7', instructions: 'Say it in short.', verbosity: 'Detailed' },
  }).settings
  const stored: SourceRun = { uid: 'uid-0', name: 'source', phase: 'AwaitingReview', settings, settled: true }
  const rerun = (spec: Partial<MetadataRun['spec']> = {}, changes: Partial<References> = {}) => {
    const full = {
      type: 'Rerun' as const,
      source: { runRef: { name: 'source' }, assets: ['sales.sale.id'] },
      ...spec,
    }
    const { targets: _, llmProfileRef: __, ...rest } = fixtureRun().spec
    return prepareRun(
      { ...fixtureRun(), spec: { ...rest, ...full } },
      references({ source: stored, ...changes }),
      '0.1.0',
    )
  }
  const begun = (spec: Partial<MetadataRun['spec']> = {}, changes: Partial<References> = {}) => {
    const preparation = rerun(spec, changes)
    if (preparation.kind !== 'Ready') throw new Error(`not ready: ${preparation.error.message}`)
    return preparation.begin
  }

  it('works by the settings of its source, with its own over them', () => {
    const {
      generation,
      source: named,
      model: by,
      targets,
    } = begun({
      generation: { temperature: '0.9', instructions: 'Mention the unit.' },
    }).settings
    expect(generation).toMatchObject({
      temperature: 0.9,
      verbosity: 'Detailed',
      instructions: 'Say it in short.\n\nMention the unit.',
    })
    expect(named).toEqual({ uid: 'uid-0', name: 'source' })
    expect(by?.profileName).toBe('model')
    expect(targets.map(({ databaseKey }) => databaseKey)).toEqual(['postgresql://warehouse:5432/shop'])
  })

  it('says what of its source it wants', () => {
    const alternative = { asset: 'sales.sale.id', index: 2 }
    const { type, sourceRunUid, descent, scopeText } = begun({
      type: 'Variations',
      source: { runRef: { name: 'source' }, alternative, target: 'shop-db' },
    })
    expect({ type, sourceRunUid, descent, scopeText }).toEqual({
      type: 'Variations',
      sourceRunUid: 'uid-0',
      descent: { alternative, target: 'shop-db' },
      scopeText: 'source: sales.sale.id, alternative 2',
    })
  })

  it('masks by the profile as it is today, not as it was', () => {
    const masked: DatabaseProfile = { ...database, spec: { ...database.spec, privacy: { samples: 'None' } } }
    const { targets } = begun({}, { databaseProfile: () => masked }).settings
    expect(targets[0]?.privacy.samples).toBe('None')
    expect(targets[0]?.profiling).toEqual(settings.targets[0]?.profiling)
  })

  it('keeps the model of its source though the LLMProfile names another by now, unless it names a profile itself', () => {
    const was = { ...settings, model: settings.model && { ...settings.model, model: 'older' } }
    expect(begun({}, { source: { ...stored, settings: was } }).settings.model?.model).toBe('older')
    const own = begun({ llmProfileRef: { name: 'model' } }, { source: { ...stored, settings: was } })
    expect(own.settings.model?.model).toBe('built-in')
  })

  it('does not need its source in the cluster', () => {
    expect(rerun({}, { run: () => null })).toMatchObject({ kind: 'Ready' })
  })

  it('waits for a source that is not there, and for one that is not drafted', () => {
    expect(rerun({}, { run: () => null, source: null })).toMatchObject({ kind: 'Waiting', error: { code: 'AMX-1013' } })
    expect(rerun({}, { source: { ...stored, settled: false } })).toMatchObject({
      kind: 'Waiting',
      error: { code: 'AMX-1023' },
      retryMs: 5_000,
    })
  })

  it('is refused when its source ended without drafts', () => {
    const ended = { ...source, status: { phase: 'Failed' as const } }
    expect(rerun({}, { source: { ...stored, settled: false }, run: () => ended })).toMatchObject({
      kind: 'Refused',
      error: { message: 'spec.source.runRef: run "source" ended as Failed without drafts' },
    })
  })

  it('is refused when the instructions of the chain get too long', () => {
    const long = { ...settings, generation: { ...settings.generation, instructions: 'x'.repeat(15_000) } }
    const refused = rerun(
      { generation: { instructions: 'y'.repeat(2_000) } },
      { source: { ...stored, settings: long } },
    )
    expect(refused).toMatchObject({ kind: 'Refused', error: { code: 'AMX-1001' } })
  })

  it('of type Apply writes through the targets its source took over', () => {
    const { targets: _, ...without } = source.spec
    const applied = prepared(
      { type: 'Apply', source: { runRef: { name: 'source' } } },
      { run: () => ({ ...source, spec: without }), source: stored },
    )
    expect(applied).toMatchObject({ kind: 'Ready', begin: { settings: { targets: [{ profileName: 'shop-db' }] } } })
  })
})
