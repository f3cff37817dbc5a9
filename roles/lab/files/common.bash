# Shared by build-kernel and build-image (sourced, not run): messages, the
# cache folder, and apt with a state of its own.
# shellcheck shell=bash

set -euo pipefail
umask 022

files_folder=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
cache_folder=${XDG_CACHE_HOME:-$HOME/.cache}/lvs-cluster
mirror=
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
max_list_age=86400 # seconds: what the mirror offers is looked up once a day

say() { printf '%s\n' "$*" >&2; }

fail() {
    say "${0##*/}: $*"
    exit 1
}

# Hash of the recipe: the given files and folders (names and contents), then
# everything on standard input.
recipe_hash() {
    {
        (cd "$files_folder" && find "$@" -type f -print0 | sort -z | xargs -0 sha256sum)
        cat
    } | sha256sum | cut -c1-12
}

# Make a folder of the cache. There are private keys in it, so it is nobody else's business.
make_cache() {
    mkdir -p "$1"
    chmod 0700 "$cache_folder"
}

# Wait until nobody else has the lock, and keep it until this process and its children end.
lock() {
    local file=$1 what=$2
    exec {lock_fd}>"$file"
    if ! flock --nonblock "$lock_fd"; then
        say "Waiting for another $what to finish ..."
        flock "$lock_fd"
    fi
}

# Write standard input to a file in one step; others may be reading it.
put() {
    cat >"$1.$$"
    mv "$1.$$" "$1"
}

# Temporary folder beside the final one, so that a rename puts it in place. Only one
# build of a kind goes on at a time; what a killed one left behind is removed here.
make_workspace() {
    local folder=$1 kind=$2
    make_cache "$folder"
    lock "$folder/.$kind.lock" "$kind build"
    find "$folder" -mindepth 1 -maxdepth 1 -name ".$kind.tmp.*" -exec rm -rf --one-file-system {} +
    workspace=$(mktemp -d "$folder/.$kind.tmp.XXXXXX")
    chmod 0755 "$workspace"
    trap clean_up EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
}

clean_up() {
    local job
    job=$(jobs -p)
    [[ -z $job ]] || kill "$job" 2>/dev/null || true
    wait
    rm -rf --one-file-system "$workspace"
}

# Last act of a build: print "built" or "cached" and the folder.
report() { printf '%s\n%s\n' "$1" "$2"; }

# What --cached does: print the newest folder of a pattern, and end; no folder is an error.
report_newest() {
    local newest
    newest=$(compgen -G "$1" | sort --version-sort | tail -n 1) || exit 1
    report cached "$newest"
    exit 0
}

# Run a long command or function; its output goes to a log file, whose end is
# shown on failure. In the background, because there a function stops at its first
# failing command and signals are heard at once.
logged() {
    local title=$1 log=$2 start=$SECONDS
    shift 2
    say "$title ..."
    "$@" >>"$log" 2>&1 </dev/null &
    if ! wait $!; then
        say "$title failed. The last lines of $log:"
        tail -n 25 "$log" >&2
        exit 1
    fi
    say "$title: done in $((SECONDS - start)) s"
}

# The mirror: the user's, else the one that this Debian host itself uses, else
# the one that mmdebstrap would take.
find_mirror() {
    [[ -z $mirror ]] || return 0
    # shellcheck disable=SC2016 # a format of apt's, not a command
    mirror=$(apt-get indextargets --format '$(REPO_URI)' \
        'Created-By: Packages' 'Origin: Debian' 'Label: Debian' 2>/dev/null | head -n 1)
    [[ -z $mirror ]] || return 0
    local probe
    probe=$(mktemp -d)
    # The hook runs after mmdebstrap has written sources.list; failing then ends
    # it before it downloads anything.
    # shellcheck disable=SC2016 # $1 is for the hook's own shell
    mmdebstrap --mode=root --variant=custom --setup-hook="cat \"\$1\"/etc/apt/sources.list >'$probe/list'; false" \
        stable "$probe/root" >/dev/null 2>&1 || true
    mirror=$(awk '$1 == "deb" {sub(/\[[^]]*\] /, ""); print $2; exit}' "$probe/list" 2>/dev/null || true)
    rm -rf --one-file-system "$probe"
    [[ -n $mirror ]] || fail "no Debian mirror found; name one with lab_mirror (--mirror)"
}

# apt tools that see one suite of the mirror and nothing of the host's own
# sources, lists and installed packages. Proxies of the host stay in force.
private_apt() {
    local tool=$1
    shift
    "$tool" --config-file "$apt_folder/apt.conf" "$@"
}

# Point private_apt at a suite. Testing's Release file can be past its
# Valid-Until on a mirror; the signature is checked all the same.
use_suite() {
    local suite=$1
    find_mirror
    apt_folder=$cache_folder/apt/$suite
    make_cache "$apt_folder/lists/partial"
    mkdir -p "$apt_folder/archives/partial"
    put "$apt_folder/status" </dev/null
    printf 'deb [signed-by=%s check-valid-until=no] %s %s main\n' "$keyring" "$mirror" "$suite" |
        put "$apt_folder/sources.list"
    put "$apt_folder/apt.conf" <<EOF
Dir::State::status "$apt_folder/status";
Dir::State::lists "$apt_folder/lists";
Dir::Cache "$apt_folder";
Dir::Cache::archives "$apt_folder/archives";
Dir::Etc::sourcelist "$apt_folder/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
APT::Architecture "amd64";
APT::Architectures { "amd64"; };
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "3";
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
EOF
    (
        lock "$apt_folder/.lock" 'look at the mirror'
        refresh_lists "$suite"
    )
}

# Update the lists unless that was done within a day; without the mirror go on
# with the lists of last time.
refresh_lists() {
    local suite=$1 stamp=$apt_folder/updated log=$apt_folder/update.log
    local now age=$max_list_age
    now=$(date +%s)
    [[ ! -e $stamp ]] || age=$((now - $(stat -c %Y "$stamp")))
    if ((age < max_list_age)) && cmp -s "$apt_folder/sources.list" "$stamp"; then
        return 0
    fi
    say "Looking up what Debian $suite offers ..."
    if private_apt apt-get update --error-on=any >"$log" 2>&1; then
        cp "$apt_folder/sources.list" "$stamp"
    elif [[ -e $stamp ]]; then
        say "The mirror $mirror cannot be used now ($(grep -m 1 '^[EW]:' "$log")); going on with what was found $(date -d "@$(stat -c %Y "$stamp")" '+%F %H:%M')."
    else
        tail -n 5 "$log" >&2
        fail "cannot read Debian $suite from $mirror. Check the network, name another mirror with lab_mirror (--mirror), or, if a key is missing, update debian-archive-keyring"
    fi
}

# Version of a package in the suite in use; empty when the suite has none.
package_version() {
    private_apt apt-cache show --no-all-versions "$1" 2>/dev/null | sed -n 's/^Version: //p'
}

# Download packages (exact names, no dependencies) of the suite in use into a folder.
download_packages() {
    local folder=$1
    shift
    mkdir -p "$folder"
    (cd "$folder" && private_apt apt-get download "$@")
}
