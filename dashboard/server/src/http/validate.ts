import { AmxError } from '@amx/api'
import type { Static, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'

/** A check of one schema, compiled once. Throws AMX-1014 with the first place that is wrong. */
export function validator<Schema extends TSchema>(schema: Schema): (value: unknown) => Static<Schema> {
  const compiled = Compile(schema)
  return (value) => {
    if (compiled.Check(value)) return value as Static<Schema>
    const first = compiled.Errors(value)[0]
    const place = first?.instancePath === '' || first === undefined ? 'the body' : first.instancePath
    throw new AmxError('AMX-1014', { problem: `${place}: ${first?.message ?? 'has the wrong shape'}` })
  }
}
