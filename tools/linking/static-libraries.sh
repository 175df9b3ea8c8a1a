#!/usr/bin/env bash
# Puts the static C++ library into the folder, where the linker takes it before the shared one: that one alone takes half of
# the time that the loader needs. Where there is none, the shared one is linked.
# usage: tools/linking/static-libraries.sh FOLDER
set -euo pipefail
mkdir -p "$1"
library=$(${CC:-clang} -print-file-name=libstdc++.a)
if [ -e "$library" ]; then ln -sf "$library" "$1/"; else rm -f "$1/libstdc++.a"; fi
