import { type Static, type TSchema, Type } from 'typebox'
import { literals } from '../wire/primitives.ts'

/** A CEL rule of a CRD schema, see https://kubernetes.io/docs/reference/using-api/cel/. */
export interface ValidationRule {
  readonly rule: string
  readonly message: string
  readonly messageExpression?: string
  readonly reason?: 'FieldValueInvalid' | 'FieldValueForbidden' | 'FieldValueRequired' | 'FieldValueDuplicate'
  readonly fieldPath?: string
  /** The rule also runs when there is no old value; `oldSelf` is an optional then. */
  readonly optionalOldSelf?: boolean
}

export interface FieldOptions {
  readonly description: string
  readonly rules?: readonly ValidationRule[]
}

/** JSON Schema options of a field: its description and its CEL rules. */
export function field<Options extends FieldOptions>({ rules, ...rest }: Options) {
  return rules === undefined || rules.length === 0 ? rest : { ...rest, 'x-kubernetes-validations': rules }
}

/** Text of at most `maxLength` characters. */
export function text(maxLength: number, options: FieldOptions & { pattern?: string; minLength?: number }) {
  return Type.String({ maxLength, ...field(options) })
}

/** One of a closed vocabulary. */
export function oneOf<const Values extends readonly string[]>(values: Values, options: FieldOptions) {
  return literals(values, field(options))
}

export function integer(options: FieldOptions & { minimum: number; maximum: number }) {
  return Type.Integer({ format: 'int64', ...field(options) })
}

export function flag(options: FieldOptions) {
  return Type.Boolean(field(options))
}

/** A list of at most `maxItems`. */
export function list<Item extends TSchema>(
  item: Item,
  options: FieldOptions & { maxItems: number; minItems?: number; listType?: 'atomic' | 'set' },
) {
  const { listType = 'atomic', ...rest } = options
  return Type.Array(item, { 'x-kubernetes-list-type': listType, ...field(rest) })
}

/** A length of time such as `120s`, `4h` or `1h30m`. */
export function duration(options: FieldOptions) {
  return text(32, { pattern: '^([0-9]{1,9}(ms|s|m|h))+$', ...options })
}

/** An amount that is never negative, as decimal text: binary floating point never touches money. */
export function decimal(options: FieldOptions) {
  return text(24, { pattern: '^[0-9]{1,12}(\\.[0-9]{1,9})?$', ...options })
}

/** A number from 0 to 1 as decimal text. */
export function fraction(options: FieldOptions) {
  return text(12, { pattern: '^(0(\\.[0-9]{1,9})?|1(\\.0{1,9})?)$', ...options })
}

/** A moment in RFC 3339. */
export function time(options: FieldOptions) {
  return Type.String({ format: 'date-time', maxLength: 64, ...field(options) })
}

const objectName = '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$'

/** The name of an object in the same namespace. */
export function nameOf(what: string) {
  return text(253, { description: `Name of the ${what}, in the same namespace.`, minLength: 1, pattern: objectName })
}

/** A reference to an object of the same namespace by name. */
export function reference(what: string, options: FieldOptions) {
  return Type.Object({ name: nameOf(what) }, field(options))
}

/** A reference to one key of a Secret of the same namespace. */
export function secretKeyReference(defaultKey: string, options: FieldOptions) {
  return Type.Object(
    {
      name: nameOf('Secret'),
      key: Type.Optional(
        text(253, {
          description: `Key inside the Secret. Default: ${defaultKey}.`,
          minLength: 1,
          pattern: '^[-._a-zA-Z0-9]+$',
        }),
      ),
    },
    field(options),
  )
}

/** An asset path as people write it: `schema.table.column`, quoted where needed, `*` for the database. */
export function assetPath(options: FieldOptions) {
  return text(1024, { minLength: 1, ...options })
}

/** CEL rules which refuse any change of the named optional fields: each must stay as absent or present as it was. */
export function neverChanges(fields: readonly string[]): ValidationRule[] {
  return fields.map((name) => ({
    rule: `has(self.${name}) == has(oldSelf.${name}) && (!has(self.${name}) || self.${name} == oldSelf.${name})`,
    message: `${name} cannot be changed after creation: create a new object instead`,
    reason: 'FieldValueForbidden',
    fieldPath: `.${name}`,
  }))
}

/** A CEL rule: exactly one of the named fields is there. */
export function exactlyOne(fields: readonly string[]): ValidationRule {
  return {
    rule: `[${fields.map((name) => `has(self.${name})`).join(', ')}].filter(there, there).size() == 1`,
    message: `exactly one of ${fields.join(', ')} must be set`,
  }
}

/** One condition of a status, as in every Kubernetes API. */
export function conditionSchemaOf(messageLimit: number) {
  return Type.Object({
    type: text(64, { description: 'What the condition is about.' }),
    status: oneOf(['True', 'False', 'Unknown'] as const, { description: 'Whether it holds.' }),
    observedGeneration: Type.Optional(
      integer({
        description: 'Generation of the spec it was judged on.',
        minimum: 0,
        maximum: Number.MAX_SAFE_INTEGER,
      }),
    ),
    lastTransitionTime: time({ description: 'When status last changed.' }),
    reason: text(64, {
      description: 'One word for programs.',
      minLength: 1,
      pattern: '^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$',
    }),
    message: text(messageLimit, { description: 'A sentence for people: what is so, and what happens next.' }),
  })
}

export type Condition = Static<ReturnType<typeof conditionSchemaOf>>

/** The conditions of a status, one per type. */
export function conditionsOf(types: readonly string[], messageLimit: number) {
  return Type.Array(conditionSchemaOf(messageLimit), {
    description: `Conditions: ${types.join(', ')}.`,
    maxItems: 16,
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['type'],
  })
}

/** `status.lastError`: a catalogue error as it was reported. */
export function lastErrorSchema() {
  return Type.Object(
    {
      code: text(16, { description: 'Code of the error catalogue, such as AMX-2003.' }),
      message: text(400, { description: 'What went wrong.' }),
      remedy: text(260, { description: 'What to do about it.' }),
    },
    { description: 'The error that mattered last, kept after it was overcome only while the run is not finished.' },
  )
}
