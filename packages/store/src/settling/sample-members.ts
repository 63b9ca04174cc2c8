import type { ContainerMember } from '@amx/api'

/** Most members of a schema or database that are handed out to be read. */
export const mostMembers = 200

/**
 * At most `limit` members, spread evenly over the order they come in, so that every prefix of names is there in proportion.
 * Those with a text come first in the choice: they say more than a name. The order stays.
 */
export function sampleMembers(
  members: readonly ContainerMember[],
  limit: number = mostMembers,
): readonly ContainerMember[] {
  if (members.length <= limit) return members
  const described = members.filter(({ text }) => text !== null)
  const bare = members.filter(({ text }) => text === null)
  // A fifth of the places is kept for names alone, where there are any: what nobody described exists as well.
  const places = Math.min(bare.length, Math.max(limit - described.length, Math.floor(limit / 5)))
  const chosen = new Set([...spread(described, limit - places), ...spread(bare, places)])
  return members.filter((member) => chosen.has(member))
}

function spread<Item>(items: readonly Item[], count: number): readonly Item[] {
  if (items.length <= count) return items
  return Array.from({ length: count }, (_, place) => items[Math.floor((place * items.length) / count)]).filter(
    (item) => item !== undefined,
  )
}
