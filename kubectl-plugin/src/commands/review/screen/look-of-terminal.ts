import type { Look } from './styled-line.ts'

/** What a terminal can show, as its environment says it (https://no-color.org, and the locale). Pure. */
export function lookOfTerminal(env: Readonly<Record<string, string | undefined>>, platform: NodeJS.Platform): Look {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || ''
  return {
    colour: !env['NO_COLOR'],
    // Consoles of Windows know no such variables, and are Unicode.
    unicode: /utf-?8/i.test(locale) || (locale === '' && platform === 'win32'),
  }
}
