# Shared by build-kernel and build-image (sourced, not run): messages, the
# cache folder, and apt with a state of its own.
# shellcheck shell=bash

set -euo pipefail
umask 022
# What is set for the caller's Python is not for the one inside a new root: its packages compile themselves there.
# shellcheck disable=SC2086 # a list of names
unset ${!PYTHON@}

files_folder=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
cache_folder=${XDG_CACHE_HOME:-$HOME/.cache}/lvs-cluster
mirror=
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
# How old, in seconds, the knowledge of what the mirror offers may be: a day, or
# a few minutes if something is going to be downloaded anyway.
# shellcheck disable=SC2034 # for those who source this
max_age_to_look=86400 max_age_to_build=600

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
    mmdebstrap --mode=root --variant=custom --setup-hook='cat "$1"/etc/apt/sources.list >&2; false' \
        stable "$probe/root" 2>"$probe/log" || true
    mirror=$(sed -n 's/^deb \(\[[^]]*\] \)\?\([^ ]*\) .*/\2/p' "$probe/log" | head -n 1)
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

# What private_apt works with. Testing's Release file can be past its Valid-Until
# on a mirror; the signature is checked all the same. An image only needs to know
# the suite's point release, and no package lists.
configure_apt() {
    local purpose=$1 suite=$2
    mkdir -p "$apt_folder/lists/partial" "$apt_folder/archives/partial"
    : >"$apt_folder/status"
    printf 'deb [signed-by=%s check-valid-until=no] %s %s main\n' "$keyring" "$mirror" "$suite" \
        >"$apt_folder/sources.list"
    cat >"$apt_folder/apt.conf" <<EOF
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
Acquire::IndexTargets::deb::Packages::DefaultEnabled "$([[ $purpose == image ]] && echo false || echo true)";
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
EOF
}

# Find out what a suite of the mirror offers, for the purpose "kernel" or "image",
# unless that was done less than max_age seconds ago. Without the mirror go on with
# what was found last time. See found.
look_up() {
    local purpose=$1 suite=$2 max_age=$3
    apt_folder=$cache_folder/apt/$purpose-$suite
    make_cache "$apt_folder"
    (
        lock "$apt_folder/.lock" "look at Debian $suite"
        is_recent "$max_age" || ask_mirror "$purpose" "$suite"
    )
    mirror=${mirror:-$(found mirror)}
}

is_recent() {
    local age
    [[ -e $apt_folder/found ]] || return 1
    age=$(($(date +%s) - $(stat -c %Y "$apt_folder/found")))
    ((age < $1)) && [[ -z $mirror || $mirror == "$(found mirror)" ]]
}

ask_mirror() {
    local purpose=$1 suite=$2 log=$apt_folder/update.log
    find_mirror
    say "Looking up what Debian $suite offers ..."
    configure_apt "$purpose" "$suite"
    if private_apt apt-get update --error-on=any >"$log" 2>&1; then
        {
            echo "mirror $mirror"
            sed -n 's/^Version: /release /p' "$apt_folder"/lists/*Release | head -n 1
            private_apt apt-cache dumpavail |
                awk '/^Package: / {name = $2} /^Version: / && name ~ /^(user-mode-linux|linux-source-[0-9.]+)$/ {print name, $2}'
        } >"$apt_folder/found.new"
        mv "$apt_folder/found.new" "$apt_folder/found"
    elif [[ -e $apt_folder/found ]]; then
        say "The mirror $mirror cannot be used now ($(grep -m 1 '^[EW]:' "$log")); going on with what was found on $(date -r "$apt_folder/found" '+%F %H:%M')."
    else
        tail -n 5 "$log" >&2
        fail "cannot read Debian $suite from $mirror. Check the network, name another mirror with lab_mirror (--mirror), or, if a key is missing, update debian-archive-keyring"
    fi
}

# Version of a package in the suite that was looked up; also of "release" (the
# point release), and "mirror". Empty if there is no such thing.
found() { awk -v name="$1" '$1 == name {print $2; exit}' "$apt_folder/found"; }

# Download packages (exact names, no dependencies) of the suite that was looked up.
download_packages() {
    local folder=$1
    shift
    mkdir -p "$folder"
    (cd "$folder" && private_apt apt-get download "$@")
}
