/** Each asks `art --get-completions <current word> <words before it…>` and gets one candidate a line, `value<TAB>description`. */
export const SCRIPTS = {
  bash: `# art completion for bash: source <(art completion bash)
_art() {
  local -a words=()
  local i last=0 word current line value cut=''
  COMPREPLY=()
  # COMP_WORDBREAKS splits --flag=value and s3://…; what matters is the word before. It splits name@version too, and that is one word.
  for ((i = 1; i <= COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    if ((\${#words[@]} > 0)) && [[ "$word" == @* || "\${words[last]}" == *@ ]]; then
      words[last]+="$word"
    else
      last=\${#words[@]}
      words+=("$word")
    fi
  done
  current="\${words[last]}"
  if [[ "$current" == *@* && "$COMP_WORDBREAKS" == *@* ]]; then cut="\${current%@*}@"; fi
  while IFS= read -r line; do
    value="\${line%%$'\\t'*}"
    case "$value" in
      ':paths') compopt -o default 2>/dev/null; continue ;;
    esac
    COMPREPLY+=("$(printf '%q' "\${value#"$cut"}")")
  done < <(art --get-completions "$current" "\${words[@]:0:last}" 2>/dev/null)
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
