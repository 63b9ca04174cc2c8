import { Type } from 'typebox'
import { lastErrorSchema, text, time } from './schema-parts.ts'

/** Fields of the status of whatever is tested: when, on whose request, and what was wrong. */
export function testStatusFields() {
  return {
    lastTestTime: Type.Optional(time({ description: 'When the last test ended.' })),
    nextTestTime: Type.Optional(time({ description: 'When it is tested again by itself.' })),
    lastHandledRequest: Type.Optional(
      text(253, { description: 'Value of the annotation amx.dev/test that was handled last.' }),
    ),
    lastError: Type.Optional(lastErrorSchema()),
  }
}
