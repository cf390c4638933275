/** Each asks `art --get-completions <current word> <words before it…>` and gets one candidate a line, `value<TAB>description`. */
export const SCRIPTS = {
  bash: `# art completion for bash: source <(art completion bash)
_art() {
  local current="\${COMP_WORDS[COMP_CWORD]}" line value
  COMPREPLY=()
  # COMP_WORDBREAKS splits --flag=value and s3://…; what matters is the word before.
  while IFS= read -r line; do
    value="\${line%%$'\\t'*}"
    case "$value" in
      ':paths') compopt -o default 2>/dev/null; continue ;;
    esac
    COMPREPLY+=("$(printf '%q' "$value")")
  done < <(art --get-completions "$current" "\${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null)
}
complete -F _art art
`,
  zsh: `#compdef art
# art completion for zsh: source <(art completion zsh)
_art() {
  local line value
  local -a values descriptions
  while IFS= read -r line; do
    value="\${line%%$'\\t'*}"
    if [[ "$value" == ':paths' ]]; then
      _files
      continue
    fi
    values+=("$value")
    if [[ "$line" == *$'\\t'* ]]; then
      descriptions+=("$value  -- \${line#*$'\\t'}")
    else
      descriptions+=("$value")
    fi
  done < <(art --get-completions "\${words[CURRENT]}" "\${(@)words[2,CURRENT-1]}" 2>/dev/null)
  (( \${#values} )) && compadd -l -d descriptions -a values
}
if [[ "\${funcstack[1]}" == _art ]]; then
  _art "$@"
else
  compdef _art art
fi
`,
  fish: `# art completion for fish: art completion fish | source
function __art_complete
    set -l before (commandline -opc)
    set -l current (commandline -ct)
    for line in (art --get-completions "$current" $before[2..-1] 2>/dev/null)
        if test "$line" = ':paths'
            __fish_complete_path "$current"
        else
            echo $line
        end
    end
end
complete -c art -f -a '(__art_complete)'
`,
} as const
