import { apiVersion, type Kind } from '@amx/api'

/** Objects in a list come without their kind; an event needs it. */
export function withKind<Resource extends object>(resource: Resource, kind: Kind) {
  return { ...resource, apiVersion, kind }
}
