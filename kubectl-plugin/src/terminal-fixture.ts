export { openTerminal, type TerminalSession } from '@amx/hack/terminal'
