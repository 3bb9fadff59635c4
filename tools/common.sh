# Shared by the commands in this folder: where things are, and installing what is missing. Source it from bash.
set -u
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
jobs=$(nproc 2>/dev/null || echo 2)

say() { printf '%s\n' "$*" >&2; }
die() { say "${0##*/}: $*"; exit 2; }

# What building and running needs, and what testing needs besides: names of Debian packages.
build_packages=(cmake gcc lemon libc6-dev libhdf5-dev libutf8proc-dev libzip-dev ninja-build re2c)
test_packages=(check clang g++ gcc-aarch64-linux-gnu libc6-dev-arm64-cross libclang-rt-14-dev
    pkg-config python3 python3-jsonschema python3-numpy qemu-user-static tcc)

installed() { # installed PACKAGE, or something that provides it
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

# need PACKAGE...: installs those that are missing; says which; silent if there are none.
need() {
    command -v dpkg-query >/dev/null || return 0 # not a Debian: the build names what it cannot find
    local missing=() package
    for package; do installed "$package" || missing+=("$package"); done
    ((${#missing[@]})) || return 0
    local as=()
    if ((EUID != 0)); then
        command -v sudo >/dev/null || die "these packages are missing and only root can install them:
  apt-get install ${missing[*]}"
        as=(sudo)
    fi
    say "Installing ${missing[*]}"
    local log; log=$(mktemp)
    local install=("${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o Dpkg::Use-Pty=0
        -o DPkg::Lock::Timeout=300 install --no-install-recommends "${missing[@]}")
    # A machine whose lists are missing or old needs an update first; others are spared the wait.
    "${install[@]}" >"$log" 2>&1 ||
        { "${as[@]}" apt-get -qq -o Acquire::Retries=3 update >>"$log" 2>&1; "${install[@]}" >>"$log" 2>&1; } ||
        { cat "$log" >&2; rm -f "$log"; die "apt-get could not install ${missing[*]}"; }
    rm -f "$log"
}

# build TREE [CMAKE-OPTION...]: configures and builds a tree, or of it `targets`; quiet unless it fails, then shows what failed.
targets=(all)
build() {
    local tree=$1 log=$1/build.log; shift
    mkdir -p "$tree"
    cmake -S "$root" -B "$tree" -G Ninja "$@" >"$log" 2>&1 && cmake --build "$tree" --target "${targets[@]}" >>"$log" 2>&1 && return
    grep -vE '^\[[0-9]+/[0-9]+\] (Building|Linking|Generating)' "$log" | tail -60 >&2
    say "The whole log: $log"
    return 1
}

# Builds `targets` with clang, AddressSanitizer and UndefinedBehaviorSanitizer, fuzz targets included: one tree for tests and fuzzing.
sanitized=$root/build-sanitized
build_sanitized() {
    build "$sanitized" -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_C_COMPILER=clang -DCMAKE_COMPILE_WARNING_AS_ERROR=ON \
        "-DCMAKE_C_FLAGS_RELWITHDEBINFO=-O1 -gline-tables-only -DNDEBUG" "-DMDL_SANITIZE=address;undefined" -DMDL_FUZZ=ON
}
