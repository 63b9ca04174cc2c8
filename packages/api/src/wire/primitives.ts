import { type TUnsafe, Type } from 'typebox'

/** A closed vocabulary as a JSON Schema `enum`. */
export function literals<const Values extends readonly string[]>(
  values: Values,
  options: { readonly description?: string; readonly default?: Values[number] } = {},
): TUnsafe<Values[number]> {
  return Type.Unsafe<Values[number]>({ type: 'string', enum: [...values], ...options })
}

/** A value or JSON null. */
export function nullable<Schema extends Parameters<typeof Type.Union>[0][number]>(schema: Schema) {
  return Type.Union([schema, Type.Null()])
}

/** A decimal number as text, such as "0.0315": money and fractions never pass through binary floating point in a resource. */
export const decimalText = Type.String({ pattern: '^-?[0-9]{1,12}(\\.[0-9]{1,9})?$', maxLength: 24 })
