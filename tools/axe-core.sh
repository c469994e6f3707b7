#!/bin/sh
# Prints the path of axe-core's script, which tests run on the status page to see whether everybody can use it; fetches it
# once as the npm package of the release that is named here, and keeps it outside the checkout. Where npm is not here or
# cannot have it, it says so in one line and exits with 1.
set -eu

version=4.14.1
sha256=29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c
cache=${RUNNER_CACHE:-${XDG_CACHE_HOME:-${HOME:?}/.cache}/runner}/axe-core/$version

give_up() {
  echo "axe-core: $1" >&2
  exit 1
}

if [ -s "$cache/axe.min.js" ]; then
  echo "$cache/axe.min.js"
  exit 0
fi

command -v npm >/dev/null 2>&1 || give_up "axe-core $version cannot be had: there is no npm"
mkdir -p "$cache" || give_up "cannot create $cache"
work=$(mktemp -d "$cache/fetch.XXXXXX") || give_up "cannot write in $cache"
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

(cd "$work" && npm pack --silent "axe-core@$version" >/dev/null 2>log && tar -xzf "axe-core-$version.tgz" package/axe.min.js) ||
  give_up "axe-core $version cannot be had: $(tail -n 1 "$work/log")"
echo "$sha256  $work/package/axe.min.js" | sha256sum --check --status ||
  give_up "axe-core $version is not what it was: its SHA-256 is $(sha256sum "$work/package/axe.min.js" | cut -d' ' -f1)"

# Two fetches at once end with one whole file.
mv -f "$work/package/axe.min.js" "$cache/axe.min.js"
echo "$cache/axe.min.js"
