/** A run as people name it: by its name, or as `name@uid` an older one of that name. */
export function parseRunReference(text: string): { readonly name: string; readonly uid?: string } {
  const [name = '', uid] = text.split('@')
  return uid === undefined || uid === '' ? { name } : { name, uid }
}
