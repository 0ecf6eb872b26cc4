#!/usr/bin/env bash
# Installs Emacs with eglot from Debian and prints its path.
. "$(dirname "$0")/cache.sh"
debian emacs-nox elpa-eglot
command -v emacs
