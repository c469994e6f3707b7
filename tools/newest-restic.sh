#!/bin/sh
# Prints the path of the newest restic that the tests know, or of the release that is named, building it once if need be.
#   tools/newest-restic.sh            -> /home/me/.cache/runner/restic/v0.19.1-release/restic
#   tools/newest-restic.sh v0.17.3    -> /home/me/.cache/runner/restic/v0.17.3-release/restic
# The program is built from its published Go module, checked against Go's checksum database, with the options of
# restic's own releases (so it is as large as these), and kept outside the checkout. Without Go, or where the module
# cannot be had, it says so in one line and exits with 1.
set -eu

version=${1:-v0.19.1}
cache=${RUNNER_CACHE:-${XDG_CACHE_HOME:-${HOME:?}/.cache}/runner}/restic/$version-release

give_up() {
  echo "newest-restic: $1" >&2
  exit 1
}

if [ -x "$cache/restic" ]; then
  echo "$cache/restic"
  exit 0
fi

PATH=$PATH:/usr/local/go/bin
command -v go >/dev/null 2>&1 || give_up "restic $version cannot be built: there is no Go (tests use the installed restic only)"

mkdir -p "$cache" || give_up "cannot create $cache"
work=$(mktemp -d "$cache/build.XXXXXX") || give_up "cannot write in $cache"
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# A module that requires the release: unlike `go install ...@version` this asks for no list of versions.
mkdir "$work/module" "$work/bin"
printf 'module newest-restic\n\ngo 1.24\n\nrequire github.com/restic/restic %s\n' "$version" >"$work/module/go.mod"
if ! (cd "$work/module" && GOFLAGS='' GOWORK=off GOBIN="$work/bin" CGO_ENABLED=0 \
  go install -mod=mod -trimpath -tags disable_grpc_modules -ldflags '-s -w' github.com/restic/restic/cmd/restic) >"$work/log" 2>&1; then
  give_up "restic $version cannot be built: $(grep -v '^go: downloading' "$work/log" | tail -n 1)"
fi

# Two builds at once end with one whole file.
mv -f "$work/bin/restic" "$cache/restic"
echo "$cache/restic"
