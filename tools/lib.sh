# Functions and variables that the scripts in tools/ share. Source it; it starts nothing by itself.
# shellcheck shell=bash

CHECKOUT=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
CPUS=$(nproc)
export CHECKOUT CPUS
# The same order of names and the same messages everywhere.
export LC_ALL=C.UTF-8

say() { printf '%s\n' "$*"; }
warn() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

# die MESSAGE...: a usage or environment problem; exit code 2.
die() {
  warn "$@"
  exit 2
}

# usage_and_exit CODE: prints the comment block at the top of the calling script.
usage_and_exit() {
  sed -n '2,/^[^#]/{/^#/s/^# \{0,1\}//p}' "$0"
  exit "$1"
}

# heading TEXT...: a line that stands out in a long log.
heading() { printf '\n== %s\n' "$*"; }

# show COMMAND...: prints the command as a person would type it, then runs it.
show() {
  local words
  printf -v words ' %q' "$@"
  printf '\n$%s\n' "$words"
  "$@"
}

# all_sources: every C++ file of the project, one path a line, relative to the checkout.
all_sources() {
  (cd "$CHECKOUT" && find targets runner tests bench -type f \( -name '*.h' -o -name '*.cc' \) | sort)
}

# all_scripts: every shell script of the project, one path a line, relative to the checkout.
all_scripts() {
  (cd "$CHECKOUT" && grep -rIlE '^#!.*(bash|/sh)|^# shellcheck shell=' bench tools tests .ci | sort)
}
