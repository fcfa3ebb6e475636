# shellcheck shell=bash
# Debian packages unpacked into a folder and run from there with the loader and libraries that came with
# them. Nothing of the machine changes: apt gets lists, caches and sources of its own, and no package
# is installed. Works for any user.
#
# Uses: $cache, say, die (run.sh).

# `testing` has a compiler that is new enough for the kernels in every release of Debian.
debian_suite=testing
debian_keyring=/usr/share/keyrings/debian-archive-keyring.gpg

debian_can() {
    command -v apt-get dpkg-deb >/dev/null && [ -r "$debian_keyring" ] && [ -n "$(debian_mirror)" ]
}

# The machine's own mirror.
debian_mirror() {
    if [ -n "${FIRMWARE_DEBIAN_MIRROR:-}" ]; then
        echo "$FIRMWARE_DEBIAN_MIRROR"
    else
        # shellcheck disable=SC2016
        apt-get indextargets --no-release-info --format '$(REPO_URI)' | grep -m 1 -E '/debian/?$' || true
    fi
}

# Writes apt's configuration to $cache/apt, and fetches the list of packages once a run.
debian_apt() {
    [ -z "${APT_CONFIG_READY:-}" ] || return 0
    local apt=$cache/apt
    mkdir -p "$apt"/{lists,archives}/partial "$apt/empty"
    : >"$apt/status"
    {
        # How the machine reaches the network, a proxy for example.
        apt-config dump | grep -E '^Acquire::(http|https)::' || true
        cat <<CONF
Dir::Etc::main "/dev/null";
Dir::Etc::parts "$apt/empty";
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "$apt/empty";
Dir::State "$apt";
Dir::State::lists "$apt/lists";
Dir::State::status "$apt/status";
Dir::Cache "$apt";
Acquire::Languages "none";
Acquire::Retries "3";
# A mirror may be a snapshot of some day. The signature is checked all the same.
Acquire::Check-Valid-Until "false";
# Root would otherwise become a user who may not write here.
APT::Sandbox::User "";
CONF
    } >"$apt/apt.conf"
    echo "deb [signed-by=$debian_keyring] $(debian_mirror) $debian_suite main" >"$apt/sources.list"
    APT_CONFIG=$apt/apt.conf apt-get update -qq || die "apt-get update failed; its folder is $apt"
    APT_CONFIG_READY=1
}

# debian_closure PACKAGE...: the packages and all that they depend on.
debian_closure() {
    APT_CONFIG=$cache/apt/apt.conf apt-cache depends --recurse --important "$@" | grep '^[a-z0-9]' | sort -u
}

# debian_unpack FOLDER PACKAGE...: downloads into a folder beside it, verified by apt.
debian_unpack() {
    local folder=$1 debs=$1.debs deb
    shift
    mkdir -p "$folder" "$debs"
    (cd "$debs" && APT_CONFIG=$cache/apt/apt.conf apt-get download -qq "$@") || die 'apt-get download failed'
    for deb in "$debs"/*.deb; do
        case ${deb##*/} in
        # 46 MB of which only the library is needed.
        rust-src_*) dpkg-deb --fsys-tarfile "$deb" | tar x -C "$folder" --wildcards './usr/src/*/library' ;;
        *) dpkg-deb -x "$deb" "$folder" ;;
        esac
    done
    rm -r "$debs"
}

# debian_start FOLDER PROGRAM [ARGUMENT...]: prints a script, to be placed in FOLDER, that starts a program
# from there. $here in an argument stands for FOLDER.
debian_start() {
    local folder=$1 program=$2 loader
    shift 2
    loader=$(cd "$folder" && echo usr/lib/*/ld-linux-*.so.*)
    [ -f "$folder/$loader" ] || die "no loader in $folder"
    cat <<SCRIPT
#!/bin/sh
here=\$(dirname "\$0")
exec "\$here/$loader" --library-path "\$here/${loader%/*}" "\$here/usr/bin/$program" $* "\$@"
SCRIPT
}
