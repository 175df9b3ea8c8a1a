#!/usr/bin/env bash
# Puts the static C++ library into the folder, where the linker takes it before the shared one: that one alone takes half of
# the time that the loader needs. Where there is none, the shared one is linked.
# usage: tools/linking/static-libraries.sh FOLDER
set -euo pipefail
mkdir -p "$1"
for compiler in "$(dirname "$(command -v swiftc || echo swiftc)")/clang" clang cc; do
  library=$(command "$compiler" -print-file-name=libstdc++.a 2>/dev/null || true)
  if [ "${library:0:1}" = / ] && [ -e "$library" ]; then
    ln -sf "$library" "$1/"
    exit
  fi
done
rm -f "$1/libstdc++.a"
