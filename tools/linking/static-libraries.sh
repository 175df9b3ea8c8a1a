#!/usr/bin/env bash
# Puts the static C++ library into the folder, where the linker takes it before the shared one. So the program runs where there
# is none, and the loader looks up thousands of names less. Where there is no static one, the shared one is linked.
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
