import { type Static, Type } from 'typebox'
import {
  assetKinds,
  budgetEnds,
  confidenceBands,
  desiredStates,
  reviewStates,
  runTypes,
  scopeKinds,
} from '../vocabulary.ts'
import { literals } from '../wire/primitives.ts'
import { defaults } from './defaults.ts'
import { generationSchema } from './generation.ts'
import type { MetadataRunStatus } from './metadata-run-status.ts'
import type { AmxObject } from './object-meta.ts'
import {
  assetPath,
  decimal,
  duration,
  field,
  flag,
  integer,
  list,
  nameOf,
  neverChanges,
  oneOf,
  reference,
  text,
  type ValidationRule,
} from './schema-parts.ts'

const standard = defaults.run

const targetScopeSchema = Type.Object(
  {
    include: Type.Optional(
      list(assetPath({ description: 'An asset path.' }), {
        description:
          'Assets to document with everything below them, as asset paths; a deeper path narrows the ones above it. Default: everything the reader sees.',
        maxItems: 1000,
      }),
    ),
    exclude: Type.Optional(
      list(assetPath({ description: 'An asset path.' }), {
        description: 'Assets to leave out with everything below them, as asset paths. Default: none.',
        maxItems: 1000,
      }),
    ),
    tablePattern: Type.Optional(
      text(512, { description: 'RE2 pattern that the bare table name must match. Default: every name.' }),
    ),
    kinds: Type.Optional(
      Type.Array(literals(scopeKinds), {
        description: `Kinds of asset to document: relations, always with their columns; Schema and Database, described from what lies in them once that is settled. Default: ${defaults.scope.kinds.join(', ')}.`,
        maxItems: 6,
        minItems: 1,
        'x-kubernetes-list-type': 'set',
      }),
    ),
    tableLimit: Type.Optional(
      integer({
        description: 'Most tables to take, in order of their path; 0 is no limit. Default: 0.',
        minimum: 0,
        maximum: 1_000_000,
      }),
    ),
    missingOnly: Type.Optional(
      flag({ description: 'Leave out assets, tables as well, that have a comment already. Default: false.' }),
    ),
  },
  { description: 'What of the database to document. Default: everything the reader sees.' },
)
export type TargetScope = Static<typeof targetScopeSchema>

const targetSchema = Type.Object(
  {
    databaseProfileRef: reference('DatabaseProfile', { description: 'Which DatabaseProfile to go through.' }),
    database: Type.Optional(
      text(255, {
        description: 'Database to document. Default: the one the profile names.',
        minLength: 1,
      }),
    ),
    scope: Type.Optional(targetScopeSchema),
  },
  { description: 'One database to document.' },
)
export type RunTarget = Static<typeof targetSchema>

const sourceFilterSchema = Type.Object(
  {
    minimumConfidence: Type.Optional(
      oneOf(confidenceBands, { description: 'Only rows of this band or a higher one. Default: all rows.' }),
    ),
    maximumConfidence: Type.Optional(
      oneOf(confidenceBands, {
        description: 'Only rows of this band or a lower one, and rows without a score. Default: all rows.',
      }),
    ),
    tables: Type.Optional(
      list(assetPath({ description: 'An asset path.' }), {
        description: 'Only these tables, with their columns. Default: all tables.',
        maxItems: 500,
      }),
    ),
    kinds: Type.Optional(
      Type.Array(literals(assetKinds), {
        description: 'Only assets of these kinds. Default: all kinds.',
        maxItems: 7,
        minItems: 1,
        'x-kubernetes-list-type': 'set',
      }),
    ),
    states: Type.Optional(
      Type.Array(literals(reviewStates), {
        description: 'Only rows in these states of review. Default: all states.',
        maxItems: 4,
        minItems: 1,
        'x-kubernetes-list-type': 'set',
      }),
    ),
  },
  { description: 'Every row of the source run that matches.' },
)
export type SourceFilter = Static<typeof sourceFilterSchema>

const handWrittenSchema = Type.Object(
  {
    asset: assetPath({ description: 'The asset that the text describes.' }),
    target: Type.Optional(
      text(509, {
        description:
          'Name of the DatabaseProfile, or profile/database, that the asset belongs to. Default: the one target of the run.',
        minLength: 1,
      }),
    ),
    text: text(16_384, { description: 'The description.', minLength: 1 }),
  },
  { description: 'One description written by a person.' },
)
export type HandWritten = Static<typeof handWrittenSchema>

const sourceSchema = Type.Object(
  {
    runRef: Type.Optional(
      reference('MetadataRun', { description: 'The run to go on from. Required unless texts is set.' }),
    ),
    target: Type.Optional(
      text(509, {
        description:
          'Name of the DatabaseProfile, or profile/database, whose assets are meant. Default: each database of the source run that has them; an asset named by its path must be in one only.',
        minLength: 1,
      }),
    ),
    assets: Type.Optional(
      list(assetPath({ description: 'An asset path.' }), {
        description:
          'Only these assets of the source run, each for itself: a table is its own description, not its columns. Default: all of them.',
        maxItems: 1000,
      }),
    ),
    filter: Type.Optional(sourceFilterSchema),
    alternative: Type.Optional(
      Type.Object(
        {
          asset: assetPath({ description: 'Asset whose alternative is the seed.' }),
          index: integer({ description: 'Which of its alternatives, counted from 1.', minimum: 1, maximum: 5 }),
        },
        { description: 'The alternative that Variations are made of.' },
      ),
    ),
    texts: Type.Optional(
      list(handWrittenSchema, {
        description:
          'Of the type Generate: descriptions written by people, at most 500. They go to review and are written like drafts; no model is asked and no data is read. Default: none.',
        minItems: 1,
        maxItems: 500,
      }),
    ),
  },
  field({
    description:
      'What a run of type Rerun, Variations, Apply or Rollback goes on from, or the texts that a run of type Generate takes in place of drafts.',
    rules: [
      {
        rule: '!has(self.texts) || !(has(self.runRef) || has(self.target) || has(self.assets) || has(self.filter) || has(self.alternative))',
        message: 'source.texts stands alone: leave the other fields of source out',
      },
      {
        rule: '!(has(self.assets) && has(self.filter))',
        message: 'source.assets and source.filter exclude each other',
      },
    ],
  }),
)
export type RunSource = Static<typeof sourceSchema>

const handWritten = "(self.type == 'Generate' && has(self.source) && has(self.source.texts))"
const startsFresh = "self.type in ['Analyze', 'Generate', 'Refresh']"

const typeRules: ValidationRule[] = [
  {
    rule: `!(${startsFresh}) || has(self.targets)`,
    message: 'targets is required for the types Analyze, Generate and Refresh',
    reason: 'FieldValueRequired',
    fieldPath: '.targets',
  },
  {
    rule: `${startsFresh} || self.type == 'Apply' || has(self.source)`,
    message: 'source is required for the types Rerun, Variations and Rollback',
    reason: 'FieldValueRequired',
    fieldPath: '.source',
  },
  {
    rule: `!(${startsFresh}) || !has(self.source) || ${handWritten}`,
    message: 'source has no meaning for the types Analyze and Refresh, and for Generate only with source.texts',
    reason: 'FieldValueForbidden',
    fieldPath: '.source',
  },
  {
    rule: "self.type == 'Generate' || !has(self.source) || !has(self.source.texts)",
    message: 'source.texts has a meaning for the type Generate only',
    reason: 'FieldValueForbidden',
    fieldPath: '.source',
  },
  {
    rule: '!has(self.source) || has(self.source.runRef) || has(self.source.texts)',
    message: 'source.runRef is required: it names the run to go on from',
    reason: 'FieldValueRequired',
    fieldPath: '.source',
  },
  {
    rule: `!${handWritten} || !(has(self.llmProfileRef) || has(self.generation) || has(self.contextRefs))`,
    message: 'with source.texts no model is asked: leave llmProfileRef, generation and contextRefs out',
    reason: 'FieldValueForbidden',
    fieldPath: '.source',
  },
  {
    rule: `!${handWritten} || !has(self.targets) || self.targets.all(t, !has(t.scope))`,
    message: 'the scope is what source.texts names: leave scope out',
    reason: 'FieldValueForbidden',
    fieldPath: '.targets',
  },
  {
    rule: `${startsFresh} || self.type == 'Apply' || !has(self.targets)`,
    message: 'targets come from the source run: leave them out for the types Rerun, Variations and Rollback',
    reason: 'FieldValueForbidden',
    fieldPath: '.targets',
  },
  {
    rule: "self.type != 'Apply' || has(self.source) != has(self.targets)",
    message:
      'the type Apply takes one of source (the run whose accepted rows are written) and targets (the databases whose queued rows are)',
    reason: 'FieldValueInvalid',
    fieldPath: '.source',
  },
  {
    rule: "self.type != 'Apply' || !has(self.targets) || self.targets.all(t, !has(t.scope) || !(has(t.scope.tablePattern) || has(t.scope.tableLimit) || has(t.scope.missingOnly)))",
    message: 'the type Apply takes include, exclude and kinds of a scope, and nothing else',
    reason: 'FieldValueForbidden',
    fieldPath: '.targets',
  },
  {
    rule: `!(self.type in ['Analyze', 'Generate']) || has(self.llmProfileRef) || ${handWritten}`,
    message: 'llmProfileRef is required for the types Analyze and Generate',
    reason: 'FieldValueRequired',
    fieldPath: '.llmProfileRef',
  },
  {
    rule: "self.type != 'Refresh' || !(has(self.llmProfileRef) || has(self.generation) || has(self.contextRefs) || has(self.review) || has(self.apply) || has(self.budget))",
    message:
      'the type Refresh only reads the catalog: leave llmProfileRef, generation, contextRefs, review, apply and budget out',
    reason: 'FieldValueForbidden',
    fieldPath: '.type',
  },
  {
    rule: "self.type != 'Variations' || (has(self.source) && has(self.source.alternative))",
    message: 'source.alternative is required for the type Variations',
    reason: 'FieldValueRequired',
    fieldPath: '.source',
  },
  {
    rule: "self.type == 'Variations' || !has(self.source) || !has(self.source.alternative)",
    message: 'source.alternative has a meaning for the type Variations only',
    reason: 'FieldValueForbidden',
    fieldPath: '.source',
  },
  {
    rule: "self.type == 'Rerun' || !has(self.source) || !has(self.source.filter)",
    message: 'source.filter has a meaning for the type Rerun only',
    reason: 'FieldValueForbidden',
    fieldPath: '.source',
  },
  {
    rule: "self.type != 'Variations' || !has(self.source) || !has(self.source.assets)",
    message: 'Variations are made of the one asset in source.alternative: leave source.assets out',
    reason: 'FieldValueForbidden',
    fieldPath: '.source',
  },
  {
    rule: `self.type != 'Generate' || ${handWritten} || !has(self.targets) || self.targets.all(t, has(t.scope) && has(t.scope.include) && t.scope.include.size() > 0)`,
    message: 'scope.include is required for the type Generate: it names the columns, tables or schemas to describe',
    reason: 'FieldValueRequired',
    fieldPath: '.targets',
  },
]

const specFields = {
  type: oneOf(runTypes, {
    description:
      'Analyze: document what the scope selects; Generate: describe exactly the assets that scope.include names, at once; Rerun: draft assets of a run again; Variations: more alternatives of one; Apply: write what was accepted; Rollback: put back what a run replaced; Refresh: read the catalog again.',
  }),
  targets: Type.Optional(
    list(targetSchema, {
      description: 'Databases to document, or of type Apply: whose queued rows are written; 1 to 8.',
      minItems: 1,
      maxItems: 8,
    }),
  ),
  llmProfileRef: Type.Optional(reference('LLMProfile', { description: 'Which LLMProfile drafts.' })),
  generation: Type.Optional(
    generationSchema('How drafts are asked for; what is absent comes from the LLMProfile, then from the defaults.'),
  ),
  contextRefs: Type.Optional(
    list(Type.Object({ name: nameOf('ContextSource') }, { description: 'A ContextSource.' }), {
      description: 'Documents and code that drafts may cite. Default: those of the DatabaseProfile.',
      maxItems: 16,
    }),
  ),
  review: Type.Optional(
    Type.Object(
      {
        strategy: Type.Optional(
          oneOf(['Manual', 'Auto'] as const, {
            description: `Manual: a person decides every row; Auto: what accept names is accepted, the rest stays for a person. Default: ${standard.review.strategy}.`,
          }),
        ),
        accept: Type.Optional(
          oneOf(['High', 'All'] as const, {
            description: `What Auto accepts: rows of the band High, or all. Default: ${standard.review.accept}.`,
          }),
        ),
      },
      { description: 'Who decides about the drafts.' },
    ),
  ),
  apply: Type.Optional(
    Type.Object(
      {
        policy: Type.Optional(
          oneOf(['Never', 'OnAccept'] as const, {
            description: `Never: accepted texts wait in the queue; OnAccept: they are written once they are accepted. Default: ${standard.apply.policy}.`,
          }),
        ),
        existing: Type.Optional(
          oneOf(['Keep', 'Replace'] as const, {
            description: `What automatic acceptance does with an asset that has a comment. A person who accepts a row with its comment in view replaces it either way. Default: ${standard.apply.existing}.`,
          }),
        ),
        onDrift: Type.Optional(
          oneOf(['Refuse', 'Overwrite'] as const, {
            description: `What happens to a comment that changed since the draft was made. Default: ${standard.apply.onDrift}.`,
          }),
        ),
        dryRun: Type.Optional(
          flag({ description: `Show the statements and write nothing. Default: ${standard.apply.dryRun}.` }),
        ),
      },
      { description: 'When and how accepted texts are written to the database.' },
    ),
  ),
  budget: Type.Optional(
    Type.Object(
      {
        maximumCost: Type.Optional(
          decimal({ description: 'Most US dollars the run may cost, as text. Default: no limit.' }),
        ),
        maximumTokens: Type.Optional(
          integer({
            description: 'Most tokens, in and out, the run may use; 0 is no limit. Default: 0.',
            minimum: 0,
            maximum: 1_000_000_000_000,
          }),
        ),
        onExhausted: Type.Optional(
          oneOf(budgetEnds, {
            description: `What happens when the budget is used up: Suspend (the run waits until the budget is raised) or Review (what is drafted goes to review, the rest is left out). Default: ${standard.budget.onExhausted}.`,
          }),
        ),
      },
      { description: 'What the run may use up. Can be changed while the run goes on. Default: no limit.' },
    ),
  ),
  source: Type.Optional(sourceSchema),
  activeDeadline: Type.Optional(
    duration({
      description: `Longest the run may be active; waiting for a person does not count. Default: ${standard.activeDeadline}; with generation.batchAPI ${standard.activeDeadlineInBatches}.`,
    }),
  ),
  ttlAfterFinished: Type.Optional(
    duration({
      description: `How long after its end a run made by a schedule, Studio or the plugin is deleted from the cluster; its record stays in the store. Default: ${standard.ttlAfterFinished}.`,
    }),
  ),
}

const desiredState = Type.Optional(
  oneOf(desiredStates, {
    description: `Run, Suspend (stop and be able to go on) or Cancel (stop for good). Can be changed, as budget can, and nothing else. Default: ${standard.desiredState}.`,
  }),
)

const specSchemaFields = { ...specFields, desiredState }

/** A run's spec without the rules about changing it, for templates. */
export const runTemplateSpecSchema = Type.Object(
  specSchemaFields,
  field({ description: 'Spec of the runs to create.', rules: typeRules }),
)

export const metadataRunSpecSchema = Type.Object(
  specSchemaFields,
  field({
    description: 'What to do. Cannot be changed after creation, but for desiredState and budget.',
    rules: [
      ...typeRules,
      ...neverChanges(Object.keys(specFields).filter((name) => name !== 'type' && name !== 'budget')),
      {
        rule: 'self.type == oldSelf.type',
        message: 'type cannot be changed after creation: create a new object instead',
        reason: 'FieldValueForbidden',
        fieldPath: '.type',
      },
      {
        rule: "!(has(oldSelf.desiredState) && oldSelf.desiredState == 'Cancel') || (has(self.desiredState) && self.desiredState == 'Cancel')",
        message: 'a run that was cancelled cannot go on: start a new one',
        reason: 'FieldValueForbidden',
        fieldPath: '.desiredState',
      },
    ],
  }),
)
export type MetadataRunSpec = Static<typeof metadataRunSpecSchema>

export type MetadataRun = AmxObject<'MetadataRun', MetadataRunSpec, MetadataRunStatus>
