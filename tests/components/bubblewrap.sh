#!/usr/bin/env bash
# Installs bubblewrap from Debian and prints its path.
. "$(dirname "$0")/cache.sh"
command -v bwrap >/dev/null || debian bubblewrap
command -v bwrap
