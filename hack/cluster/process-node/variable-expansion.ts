/**
 * Replaces `$(NAME)` by the variable's value; an unknown name stays as it is, `$$(NAME)` gives `$(NAME)`. Kubernetes' rule
 * for `command`, `args` and `env`.
 */
export function expandVariables(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\$|\$\(([^)]*)\)/g, (match, name: string | undefined) => {
    if (match === '$$') return '$'
    const value = name === undefined ? undefined : variables[name]
    return value ?? match
  })
}
