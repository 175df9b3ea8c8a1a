#!/usr/bin/env bash
# Runs a build and shows how far it is in a few lines; what went wrong is shown whole.
# usage: tools/build.sh COMMAND [ARGUMENT...]
set -uo pipefail
log=$(mktemp)
trap 'rm -f "$log"' EXIT
"$@" 2>&1 | tee "$log" | awk '
  match($0, /^\[[0-9]+\/[0-9]+\]/) {
    split(substr($0, 2, RLENGTH - 2), part, "/")
    tenth = int(10 * part[1] / part[2])
    # Of a build that has little to do nothing is said.
    if (part[2] > 50 && tenth > told) { told = tenth; printf "  built %d %%\n", 10 * tenth; fflush() }
  }
  /^Fetching |^Fetched / { print "  " $0; fflush() }'
status=${PIPESTATUS[0]}
[ "$status" -eq 0 ] || cat "$log" >&2
exit "$status"
