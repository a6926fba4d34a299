#!/usr/bin/env bash
# The documentation is true as far as a script can tell: files, functions, options, links and commands
# that it names exist, and the code that it shows is in the example.
set -euo pipefail
cd "$UP_SOURCE_DIR"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
bad=0
complain() { echo "$*"; bad=1; }
pages=(README.md docs/*.md docs/experiments/*.md)

# words PATTERN: every match, as `page<TAB>match`.
words() { grep -oHE -e "$1" "${pages[@]}" | sed 's/:/\t/'; }

# `src/…/file.c` and `src/…/file.c: function`
folders='(src|include|cli|experiments|workers|recipes|examples|tests|bench|tools|cmake)'
words "\`$folders/[A-Za-z0-9_./-]*(: [A-Za-z0-9_]+)?\`" | tr -d '`' >"$scratch/files"
while IFS=$'\t' read -r page reference; do
    file=${reference%%: *} name=${reference#*: }
    [ -e "$file" ] || { complain "$page: there is no $file"; continue; }
    [ "$file" = "$reference" ] && continue
    # A definition begins at the left margin and has the name before a bracket.
    grep -Eq "^[A-Za-z][^;]*\b$name(\(|\[| = \{)" "$file" || complain "$page: $file defines no $name"
done <"$scratch/files"

# Links inside the repository, relative to the page. Pictures are there once they are recorded.
words '\]\([^)# ]+' | sed 's/](//' | grep -v '://' >"$scratch/links"
while IFS=$'\t' read -r page link; do
    case $link in *pictures/*) [ -d docs/pictures ] || continue ;; esac
    [ -e "$(dirname "$page")/$link" ] || complain "$page: the link $link leads nowhere"
done <"$scratch/links"

# Options, in text and in commands. docs/options.md is compared with the tables by test_options.c.
sections='(train|env|rollout|policy|advantage|optim|value|reinforce|vpg|actor-critic|a2c|npg|trpo|ppo|vtrace|replay|dqn|pqn|ddpg|td3|sac|q-actor-critic)'
{
    words "\`$sections\.[a-z_0-9]+\b" | tr -d '`'
    words "[-]-set $sections\.[a-z_0-9]+" | sed 's/--set //'
} >"$scratch/options"
# Names of that form which are no options: files, tensors, metadata, and the placeholder `key`.
others='\.(c|h|md|ini|key|[0-9]+)$|^obs\.|^env\.state$|^optim\.(first|second|steps)$|^(dqn|policy)\.target$'
others+='|^env\.(is_success|g|continuous|mode|obs_type|include_cfrc_ext_in_observation|contact_cost_weight)$' # keywords of environments
others+='|^train\.(episodes|running_reward|return_mean|length_mean|best_return|average_return|learning_rate|evaluation_owed|recent_returns|recent_lengths)$'
while IFS=$'\t' read -r page option; do
    [[ $option =~ $others ]] && continue
    grep -q "^| \`$option\`" docs/options.md || complain "$page: there is no option $option"
done <"$scratch/options"

# An option's row in the page of its algorithm tells the true default; every option has a row.
for algo in reinforce a2c ppo vpg actor-critic:vpg npg:natural-gradient trpo vtrace dqn pqn:dqn replay:dqn td3 ddpg:td3 sac \
    q-actor-critic; do
    page=docs/${algo#*:}.md
    while IFS='|' read -r _ option default _; do
        grep -Eq "^\|$option\|$default(;.*)?\|" "$page" ||
            complain "$page lacks$option= $default"
    done < <(grep "^| \`${algo%:*}\." docs/options.md)
done

# Python's packages are told of, in the versions that are installed.
while IFS='=' read -r name _ version; do
    grep -iF -- "$name" DEPENDENCIES.md | grep -qF -- "$version" ||
        complain "DEPENDENCIES.md lacks $name $version"
done < <(grep '==' tools/requirements.txt)

# Commands: the verbs and recipes exist.
"$UPHILL" recipes | awk '{print $1}' >"$scratch/recipes"
words '^uphill [a-z-]+' | while IFS=$'\t' read -r page command; do
    "$UPHILL" "${command#uphill }" --help >/dev/null 2>&1 || echo "$page: no command: $command"
done >"$scratch/wrong"
words '\buphill (train|recipes) [a-z][a-z0-9-]*([ `]|$)' | tr -d '`' |
    while IFS=$'\t' read -r page command; do
        read -r _ _ recipe <<<"$command"
        grep -qxF -- "$recipe" "$scratch/recipes" || echo "$page: there is no recipe $recipe"
    done >>"$scratch/wrong"
[ ! -s "$scratch/wrong" ] || complain "$(cat "$scratch/wrong")"

# C code in docs/own-environment.md stands in the template, line by line.
sed -n '/^```c$/,/^```$/p' docs/own-environment.md | grep -v '^```' >"$scratch/code"
while IFS= read -r line; do
    grep -qxF -- "$line" cli/template/shuttle.c ||
        complain "docs/own-environment.md shows a line that is not in the template: $line"
done <"$scratch/code"

# Sources are called by the names that docs/notation.md lists.
if grep -rnE '[Dd]ocuments? 00[0-9]' include src cli experiments bench tools recipes README.md docs; then
    complain "docs/notation.md has no document of a number"
fi

for list in files links options recipes code; do
    [ -s "$scratch/$list" ] || complain "nothing was checked: $list"
done
for example in examples/*.c; do
    [ "$(wc -l <"$example")" -lt 100 ] || complain "$example has a hundred lines or more"
done
exit "$bad"
