#!/usr/bin/env bash
# Builds bd from its Go module into the tools cache and prints the path of the binary.
# `go install` asks for the list of versions; a throw-away module that requires the one we want does not.
. "$(dirname "$0")/cache.sh"
version="${1:-1.2.2}"
bin="$tools/bd-$version/bd"
if [ ! -x "$bin" ]; then
  exclusively "bd-$version"
  if [ ! -x "$bin" ]; then
    build="$(mktemp -d)"
    trap 'rm -rf "$build"' EXIT
    cat >"$build/go.mod" <<MOD
module beadwork.invalid/bd

go 1.24

require github.com/steveyegge/beads v$version
MOD
    cat >"$build/bd.go" <<'GO'
//go:build tools

package bd

import _ "github.com/steveyegge/beads/cmd/bd"
GO
    (cd "$build" && CGO_ENABLED=1 go build -mod=mod -tags gms_pure_go -o bd github.com/steveyegge/beads/cmd/bd) >&2
    mkdir -p "$(dirname "$bin")"
    mv "$build/bd" "$bin"
  fi
fi
echo "$bin"
