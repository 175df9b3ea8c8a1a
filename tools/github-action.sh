#!/usr/bin/env bash
# What action.yml does, step by step. It runs anywhere: the action's inputs are variables.
#
#   github-action.sh locate   say where the program is (BINARY=), or is going to be, and what names its version
#   github-action.sh build    build BINARY from the sources beside this script
#   github-action.sh check    run BINARY on FILES=, compared with AGAINST=; STRICT=, ARGUMENTS=, BASE_COMMIT=
set -euo pipefail
sources=$(cd "$(dirname "$0")/.." && pwd)

# Outputs of a step; without GitHub they are shown.
output() {
  if [ -n "${GITHUB_OUTPUT:-}" ]; then echo "$1=$2" >> "$GITHUB_OUTPUT"; else echo "$1=$2"; fi
}

# Everything that the program is built of.
digest() {
  (cd "$sources" && find Package.swift Package.resolved Sources -type f 2> /dev/null | LC_ALL=C sort | xargs sha256sum) |
    sha256sum | cut -c 1-16
}

locate() {
  if [ -n "${BINARY:-}" ]; then
    # The check may run in another folder.
    output binary "$(realpath "$(command -v "$BINARY" || echo "$BINARY")")"
  else
    output binary "${RUNNER_TEMP:-/tmp}/training-exporter-bin/training-exporter"
    output key "training-exporter-${RUNNER_OS:-$(uname -s)}-${RUNNER_ARCH:-$(uname -m)}-$(digest)"
  fi
}

build() {
  make -C "$sources" build
  install -D "$sources/.build/release/training-exporter" "$BINARY"
}

# What a pull request is compared with is the commit that it goes on from, which a checkout does not bring along.
base() {
  if [ "${AGAINST:-}" = none ]; then
    return
  elif [ -n "${AGAINST:-}" ]; then
    echo "$AGAINST"
  elif [ -n "${BASE_COMMIT:-}" ]; then
    # Where that fails, the program says so, and does not pass.
    git cat-file -e "$BASE_COMMIT^{commit}" 2> /dev/null ||
      git fetch --quiet --no-tags --depth=1 origin "$BASE_COMMIT" >&2 || true
    echo "git:$BASE_COMMIT"
  fi
}

check() {
  # Wildcards are expanded here; a name that matches nothing is left to the program, which says so.
  # shellcheck disable=SC2206
  local files=(${FILES:-metrics.yaml}) arguments=(${ARGUMENTS:-}) against
  against=$(base)
  if [ -n "$against" ]; then arguments+=(--against "$against"); fi
  if [ "${STRICT:-true}" = true ]; then arguments+=(--strict); fi
  "$BINARY" validate --format github "${arguments[@]}" -- "${files[@]}"
}

case "${1:-}" in
locate | build | check) "$1" ;;
*)
  sed -n '2,7s/^# \{0,1\}//p' "$0" >&2
  exit 64
  ;;
esac
