# shellcheck shell=bash
# What the scripts of this folder share: places, environment, and steps shown with elapsed time.
# Source it; it changes to the root of the checkout.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
build=$root/.build
cache=${XDG_CACHE_HOME:-~/.cache}/lvs-cluster
cd "$root"
# Paths of interpreters end up in #! lines, which cannot have a space: then .build only leads to the real folder.
if [[ $build =~ [[:space:]] ]]; then
  build=$cache/build/$(sha256sum <<<"$root" | cut -c1-12)
  mkdir -p "$build"
  ln -sfn "$build" "$root/.build"
fi
logs=$build/log
results=$build/result
failures=$results/failures

# Ansible refuses to start in a locale that is not UTF-8, and a bare machine has none.
export LC_ALL=C.UTF-8
# Nothing may be left outside .build and the cache.
export ANSIBLE_HOME=$build/ansible PIP_CACHE_DIR=$cache/pip PYTHONPYCACHEPREFIX=$build/pycache
# Settings of ours, whatever the user's own ansible.cfg says.
export ANSIBLE_CONFIG=$root/tools/ansible.cfg
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore

say() { printf '%s\n' "$*"; }

die() {
  printf 'ERROR: %s\n' "$*" >&2
  exit 1
}

# clock SECONDS: as 1:05, or 1:00:05 from an hour on
clock() {
  local seconds=$1
  if ((seconds < 3600)); then
    printf '%d:%02d' $((seconds / 60)) $((seconds % 60))
  else
    printf '%d:%02d:%02d' $((seconds / 3600)) $((seconds / 60 % 60)) $((seconds % 60))
  fi
}

# last_line FILE WIDTH: the newest line with text in it, without colours and cut to WIDTH characters
last_line() {
  tail -c 2000 "$1" 2>/dev/null | tr '\r' '\n' | sed -e 's/\x1b\[[0-9;?]*[A-Za-z]//g' -e '/^[[:space:]]*$/d' |
    tail -n 1 | cut -c "1-$2"
}

# pause SECONDS: a sleep without a child process, which would outlive a killed show_progress
pause() { read -r -t "$1" <> <(:) || true; }

# show_progress LABEL LOG: tell until killed that the step still runs; a live line in a terminal, else a line every five minutes
show_progress() {
  local label=$1 log=$2 start=$SECONDS interval=300 before='' after='\n' width=160
  if [[ -t 1 ]]; then
    interval=1 before='\r\e[K' after='' width=$(tput cols 2>/dev/null || echo 80)
  fi
  while pause "$interval"; do
    printf "$before  ...   %-44s %6s  %s$after" "$label" "$(clock $((SECONDS - start)))" \
      "$(last_line "$log" $((width > 70 ? width - 65 : 5)))"
  done
}

ticker=
stop_progress() {
  if [[ -n $ticker ]]; then
    kill "$ticker" 2>/dev/null || true
    wait "$ticker" 2>/dev/null || true
    ticker=
    [[ ! -t 1 ]] || printf '\r\e[K'
  fi
}

background=
stop_all() {
  stop_progress
  [[ -z $background ]] || kill -- "-$background" 2>/dev/null || true
}
trap stop_all EXIT

# step LABEL LOGNAME COMMAND...: run COMMAND quietly with its output in .build/log/LOGNAME.log, and print one line
# with its outcome and time; on failure also the end of the log. Returns what COMMAND returned. If COMMAND is a
# function, then it joins its commands with &&: bash drops `set -e` in what an `if` or `||` looks at.
step() {
  local label=$1 log=$logs/$2.log start=$SECONDS status=0
  shift 2
  mkdir -p "$logs" "$results"
  : >"$log"
  show_progress "$label" "$log" &
  ticker=$!
  # The command stays in the foreground, so that Ctrl-C reaches it; a subshell, so that it may change folder.
  ("$@") >"$log" 2>&1 </dev/null || status=$?
  stop_progress
  if ((status == 0)); then
    printf '  ok    %-44s %6s\n' "$label" "$(clock $((SECONDS - start)))"
  else
    printf '  FAIL  %-44s %6s\n' "$label" "$(clock $((SECONDS - start)))"
    show_failure "$log" | sed 's/^/        | /'
    printf '        whole log: %s\n' "$log"
    summarize "$label" "$log" >>"$failures"
  fi
  return "$status"
}

# summarize LABEL LOG: a line for each test that failed, for the end of `make test`
summarize() {
  printf '%s\n' "$1"
  grep -E '^(FAILED|ERROR) .*::|^ERROR: ' "$2" | head -n 10 | cut -c 1-1000 | sed 's/^/    /' || true
}

# show_failure LOG: where Ansible or pytest tells of the first failure, since much may follow that; and the end
show_failure() {
  local first
  first=$(grep -nE -m 1 '^[^[:alnum:]]*(\[ERROR\]: |ERROR: |fatal: |=+ (FAILURES|ERRORS) =)' "$1" | cut -d : -f 1) || true
  if [[ -n $first ]] && (($(wc -l <"$1") - first > 80)); then
    tail -n +"$((first > 5 ? first - 5 : 1))" "$1" | head -n 45
    echo '...'
  fi
  tail -n 40 "$1"
}

# check LABEL LOGNAME COMMAND...: a step that counts itself in $passed or $failed instead of ending the script
passed=0
failed=0
check() {
  if step "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
  fi
}

# report PART TEXT: keep PART's counts and its words in the closing summary for tools/test, and end with its verdict
report() {
  printf '%s\n' "$passed" "$failed" "$2" >"$results/$1"
  ((failed == 0))
}

# count_pytest LOG STATUS: add what the closing lines of pytest in LOG say to $passed and $failed; where the command
# failed (STATUS) and no test did, count that as one failure
count_pytest() {
  local good bad
  good=$(sum_before passed "$1")
  bad=$(sum_before '(failed|error)' "$1")
  if (($2 != 0 && bad == 0)); then
    bad=1
  fi
  passed=$((passed + good))
  failed=$((failed + bad))
}

sum_before() {
  { grep -E '^=+ .* in [0-9.]+s' "$2" | grep -oE "[0-9]+ $1" || true; } | awk '{ sum += $1 } END { print sum + 0 }'
}

# The two ends of what the collection supports, or one if both would be the same.
ends() {
  if [[ -d $build/oldest ]]; then
    echo newest oldest
  else
    echo newest
  fi
}

# describe_end END: "ansible-core 2.21.5 on Python 3.13"
describe_end() { cat "$build/$1/description"; }

# python_version END: 3.13
python_version() { sed 's/.* //' "$build/$1/description"; }

# steps_at_ends NAME FUNCTION: the step `FUNCTION END` for each end, both at the same time, for what keeps one processor
# busy. The logs are NAME-END.log, and ${ended[END]} is what FUNCTION returned.
# shellcheck disable=SC2034  # for the scripts that source this file
declare -A ended=()
# shellcheck disable=SC2034
steps_at_ends() {
  local outcome=$logs/$1-oldest.outcome
  ended=([newest]=0 [oldest]=0)
  if [[ -d $build/oldest ]]; then
    mkdir -p "$logs"
    set -m # it gets a process group, by which stop_all ends it with all its children
    step "$(describe_end oldest)" "$1-oldest" "$2" oldest >"$outcome" &
    background=$!
    set +m
  fi
  step "$(describe_end newest)" "$1-newest" "$2" newest || ended[newest]=$?
  if [[ -n $background ]]; then
    wait "$background" || ended[oldest]=$?
    background=
    grep -v '^  \.\.\. ' "$outcome"
  fi
}

# use_end END: commands and collections of that end come first from here on
use_end() {
  export PATH=$build/$1/venv/bin:$PATH
  export ANSIBLE_COLLECTIONS_PATH=$build/$1/collections
}

# require_packages COMMAND:PACKAGE...: install the distribution packages whose commands are missing
require_packages() {
  local pair missing=()
  for pair in "$@"; do
    command -v "${pair%%:*}" >/dev/null || missing+=("${pair#*:}")
  done
  ((${#missing[@]} == 0)) || install_packages "${missing[@]}"
}

# install_packages PACKAGE...
install_packages() {
  command -v apt-get >/dev/null ||
    die "please install these programs first (no apt-get here to do it with): $*"
  ((EUID == 0)) ||
    die "packages are missing: run 'sudo apt-get install $*', or this command as root once"
  step "install $*" "packages-$1" apt_install "$@"
}

apt_install() {
  export DEBIAN_FRONTEND=noninteractive
  apt-get update && apt-get install --yes --no-install-recommends "$@"
}
