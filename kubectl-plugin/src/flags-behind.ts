import { Command } from 'commander'
import { addSharedOptions } from './shared-options.ts'

/** Words in which flags that every command has stand behind the command, where a person wrote them before it. Pure. */
export function withFlagsBehind(words: readonly string[]): readonly string[] {
  const { options } = addSharedOptions(new Command())
  let length = 0
  for (let word = words[0]; word !== undefined; word = words[length]) {
    const [flag, ...value] = word.split('=')
    const option = options.find(({ long, short }) => long === flag || short === flag)
    if (option === undefined) break
    length += option.required && value.length === 0 ? 2 : 1
  }
  const [leading, rest] = [words.slice(0, length), words.slice(length)]
  const end = rest.indexOf('--')
  const before = end === -1 ? rest.length : end
  return rest.length === 0 ? words : [...rest.slice(0, before), ...leading, ...rest.slice(before)]
}
