import { type Static, Type } from 'typebox'
import { assetKinds, confidenceBands, draftSources, reviewStates, verdicts } from '../vocabulary.ts'
import { literals } from '../wire/primitives.ts'
import { decisionConditionTypes } from './conditions.ts'
import { defaults } from './defaults.ts'
import type { AmxObject } from './object-meta.ts'
import {
  assetPath,
  conditionsOf,
  exactlyOne,
  field,
  flag,
  integer,
  list,
  nameOf,
  neverChanges,
  oneOf,
  text,
  time,
} from './schema-parts.ts'

const itemSchema = Type.Object(
  {
    asset: assetPath({ description: 'The asset decided about.' }),
    target: Type.Optional(
      text(509, {
        description:
          'Name of the DatabaseProfile, or profile/database, that the asset belongs to. Default: the one database of the run that has the asset.',
        minLength: 1,
      }),
    ),
    verdict: oneOf(verdicts, {
      description:
        'Accept: queue the text; Skip: leave it, to be decided later; Reject: leave it for good; Restore: take back what was decided.',
    }),
    alternative: Type.Optional(
      integer({
        description: `Which alternative to accept, counted from 1. Default: ${defaults.decision.alternative}, unless text is set.`,
        minimum: 1,
        maximum: 5,
      }),
    ),
    text: Type.Optional(
      text(16_384, {
        description: 'Own words to accept in place of an alternative. Default: the alternative.',
        minLength: 1,
      }),
    ),
    revision: Type.Optional(
      integer({
        description:
          "The row's revision that the reviewer saw. A row decided about since refuses the decision as Conflict. Default: not checked.",
        minimum: 0,
        maximum: 2_147_483_647,
      }),
    ),
  },
  field({
    description: 'One verdict.',
    rules: [
      {
        rule: '!(has(self.alternative) && has(self.text))',
        message: 'alternative and text exclude each other',
      },
      {
        rule: "self.verdict == 'Accept' || !(has(self.alternative) || has(self.text))",
        message: 'alternative and text belong to the verdict Accept',
      },
    ],
  }),
)
export type DecisionItem = Static<typeof itemSchema>

const filterSchema = Type.Object(
  {
    verdict: oneOf(verdicts, { description: 'The verdict for every row that matches.' }),
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
        description:
          'Only rows in these states of review. Default: Unreviewed and Skipped; with the verdict Restore everything that was decided.',
        maxItems: 4,
        minItems: 1,
        'x-kubernetes-list-type': 'set',
      }),
    ),
    sources: Type.Optional(
      Type.Array(literals(draftSources), {
        description: 'Only drafts that stand on these. Default: all.',
        maxItems: draftSources.length,
        minItems: 1,
        'x-kubernetes-list-type': 'set',
      }),
    ),
    columnName: Type.Optional(
      text(255, { description: 'Only columns of this name, in whatever table. Default: all assets.', minLength: 1 }),
    ),
    dataType: Type.Optional(
      text(255, {
        description: 'Only columns of this data type, as the results show it. Default: columns of every type.',
        minLength: 1,
      }),
    ),
    text: Type.Optional(
      text(16_384, {
        description:
          'Own words to accept for each of the columns named by columnName. Default: the first alternative of each row.',
        minLength: 1,
      }),
    ),
  },
  field({
    description:
      'One verdict for every row of the draft that matches: Accept, Skip and Reject mean rows nobody accepted or rejected yet, Restore those that were decided, unless states says otherwise. Accept takes the first alternative of each, or text.',
    rules: [
      {
        rule: "!has(self.text) || (self.verdict == 'Accept' && has(self.columnName))",
        message: 'filter.text is one description for columns of one name: it needs the verdict Accept and columnName',
      },
      {
        rule: "!has(self.states) || self.verdict != 'Restore' || !self.states.exists(s, s == 'Unreviewed')",
        message: 'filter.states: what is Unreviewed has no decision to take back',
      },
    ],
  }),
)
export type DecisionFilter = Static<typeof filterSchema>

const specFields = {
  runRef: Type.Object(
    {
      name: nameOf('MetadataRun'),
      uid: Type.Optional(
        text(64, { description: 'Its uid, so that a later run of the same name is not meant. Default: not checked.' }),
      ),
    },
    { description: 'The run decided about.' },
  ),
  draftDigest: text(80, {
    description: "What the reviewer saw: the run's status.draft.digest. Anything else is refused as Stale.",
    pattern: '^sha256:[0-9a-f]{64}$',
  }),
  reviewer: Type.Object(
    {
      username: text(512, {
        description: 'User who decides. Must be the user who creates this object (`kubectl auth whoami`).',
        minLength: 1,
      }),
    },
    { description: 'Who decides.' },
  ),
  items: Type.Optional(
    list(itemSchema, { description: 'Verdicts one by one, at most 500.', minItems: 1, maxItems: 500 }),
  ),
  filter: Type.Optional(filterSchema),
  apply: Type.Optional(
    flag({
      description:
        'Write what is accepted here at once, whatever the run says. Needs the verb apply on reviewdecisions. Default: false.',
    }),
  ),
  comment: Type.Optional(text(2000, { description: 'Why, for whoever reads the audit. Default: nothing.' })),
}

export const reviewDecisionSpecSchema = Type.Object(
  specFields,
  field({
    description: 'What was decided. Cannot be changed after creation.',
    rules: [
      exactlyOne(['items', 'filter']),
      {
        rule: 'self.runRef == oldSelf.runRef && self.draftDigest == oldSelf.draftDigest && self.reviewer == oldSelf.reviewer',
        message: 'a decision cannot be changed after creation: create a new one',
        reason: 'FieldValueForbidden',
      },
      ...neverChanges(['items', 'filter', 'apply', 'comment']),
    ],
  }),
)
export type ReviewDecisionSpec = Static<typeof reviewDecisionSpecSchema>

const count = (description: string) => integer({ description, minimum: 0, maximum: Number.MAX_SAFE_INTEGER })

export const reviewDecisionStatusSchema = Type.Object(
  {
    observedGeneration: Type.Optional(count('Generation of the spec this status is about.')),
    conditions: Type.Optional(conditionsOf(decisionConditionTypes, 1024)),
    counts: Type.Optional(
      Type.Object(
        {
          accepted: count('Rows accepted.'),
          skipped: count('Rows skipped.'),
          rejected: count('Rows rejected.'),
          restored: count('Rows restored.'),
          superseded: count('Queue entries of earlier decisions that these replaced.'),
        },
        { description: 'What was recorded.' },
      ),
    ),
    recordedTime: Type.Optional(time({ description: 'When the decision was recorded.' })),
  },
  { description: 'What became of the decision: all of it is recorded, or nothing.' },
)
export type ReviewDecisionStatus = Static<typeof reviewDecisionStatusSchema>

export type ReviewDecision = AmxObject<'ReviewDecision', ReviewDecisionSpec, ReviewDecisionStatus>
