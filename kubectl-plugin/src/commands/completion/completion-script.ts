export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

/** The script of a shell that completes `kubectl-amx`. Pure. */
export function completionScript(shell: Shell): string {
  // zsh looks for this at the very beginning of a file of its function path.
  const tag = shell === 'zsh' ? '#compdef kubectl-amx\n' : ''
  return `${tag}${remarkAbout(shell)}${scripts[shell]}`
}

function remarkAbout(shell: Shell): string {
  return `# ${shell} completion of kubectl-amx.
# "kubectl amx" is completed by kubectl itself, once kubectl's own completion is loaded and kubectl_complete-amx is on the PATH.

`
}

const bash = `_kubectl_amx() {
  local line=\${COMP_LINE:0:COMP_POINT} word candidate
  local -a words=()
  # Without -r: what is quoted by a backslash is read as the plugin will get it.
  read -a words <<<"$line"
  [[ $line == *[[:space:]] && $line != *'\\'[[:space:]] ]] && words+=("")
  word=\${words[\${#words[@]} - 1]}
  # The shell puts in what follows the last of its word breaks alone.
  local before=""
  [[ $word == *=* && $COMP_WORDBREAKS == *=* ]] && before=\${word%"\${word##*=}"}
  COMPREPLY=()
  while IFS= read -r candidate; do
    case $candidate in
      :0) compopt -o default 2>/dev/null ;;
      :*) ;;
      *)
        candidate=\${candidate%%$'\\t'*}
        candidate=\${candidate#"$before"}
        # Names may have blanks and quotes; the bare words that they mostly are stay as they are.
        [[ $candidate == *[!A-Za-z0-9_./=:,@%+-]* ]] && printf -v candidate %q "$candidate"
        COMPREPLY+=("$candidate")
        ;;
    esac
  done < <("\${words[0]}" __complete "\${words[@]:1}" 2>/dev/null)
}
complete -F _kubectl_amx kubectl-amx
`

const zsh = `_kubectl-amx() {
  local line directive
  local -a found candidates
  found=("\${(@f)$("\${(Q)words[1]}" __complete "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  for line in "\${found[@]}"; do
    case $line in
      :<->) directive=$line ;;
      *$'\\t'*) candidates+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}") ;;
      ?*) candidates+=("\${line//:/\\\\:}") ;;
    esac
  done
  if [[ $directive == :0 ]]; then
    _files
  else
    _describe 'kubectl-amx' candidates
  fi
}
if [[ $funcstack[1] == _kubectl-amx ]]; then
  _kubectl-amx "$@"
else
  compdef _kubectl-amx kubectl-amx
fi
`

const fish = `function __kubectl_amx_complete
    set -l words (commandline -opc)
    # Without its quotes, also those that are still open.
    set -l typed (string unescape -- (commandline -ct))
    # In quotes, for a word that is empty must still be a word.
    set -l found ($words[1] __complete $words[2..] "$typed" 2>/dev/null)
    if test "$found[-1]" = ":0"
        __fish_complete_path (commandline -ct)
    else
        string match -v -r '^:\\d+$' -- $found
    end
end
complete -c kubectl-amx -f -a '(__kubectl_amx_complete)'
`

const scripts: Readonly<Record<Shell, string>> = { bash, zsh, fish }
