# SPDX-License-Identifier: Apache-2.0
# Completion for bash: the words come from the program itself (seccomm complete).

# The shell takes words apart at : and =; the program wants them as they stand on the line.
_seccomm_words() {
	local rest=$COMP_LINE part i
	words=()
	for ((i = 0; i <= COMP_CWORD; i++)); do
		part=${COMP_WORDS[i]}
		if [[ $rest == [[:space:]]* || $i == 0 ]]; then
			rest=${rest#"${rest%%[![:space:]]*}"}
			words+=("$part")
		else
			words[-1]+=$part
		fi
		rest=${rest#"$part"}
	done
}

_seccomm() {
	local words kept='' last
	_seccomm_words
	last=${words[-1]}
	case $last in
	[\'\"]*) words[-1]=${last:1} ;;    # in quotes the whole word is completed,
	*[:=]*) kept=${last%"${last##*[:=]}"} ;; # without them what stands behind the last : or =
	esac
	mapfile -t COMPREPLY < <("$1" complete -- "${words[@]:1}" 2>/dev/null)
	COMPREPLY=("${COMPREPLY[@]#"$kept"}")
}

complete -o bashdefault -o default -F _seccomm seccomm
