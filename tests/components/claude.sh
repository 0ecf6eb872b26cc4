#!/usr/bin/env bash
# Installs Claude Code from npm into the tools cache and prints the path of the binary.
. "$(dirname "$0")/cache.sh"
version="${1:-2.1.197}"
folder="$tools/claude-$version"
bin="$folder/node_modules/.bin/claude"
if [ ! -x "$bin" ]; then
  exclusively "claude-$version"
  if [ ! -x "$bin" ]; then
    mkdir -p "$folder"
    npm install --prefix "$folder" --no-audit --no-fund --no-package-lock "@anthropic-ai/claude-code@$version" >&2
  fi
fi
echo "$bin"
