#!/usr/bin/env bash
# Makes the virtual environment of this checkout in FOLDER, from the locked versions: with uv where it is there.
set -euo pipefail
folder="${1:-.venv}"

python=""
for name in ${PYTHON:-} python3 python3.13 python3.12 python3.11 python; do
  if command -v "$name" >/dev/null && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    python="$name"
    break
  fi
done
if [ -z "$python" ]; then
  echo "Beadwork needs Python 3.11 or newer, and none is on the PATH; name one with PYTHON=…" >&2
  exit 1
fi

echo "Setting up $folder with $("$python" --version) …" >&2
if command -v uv >/dev/null; then
  [ -x "$folder/bin/python" ] || uv venv --quiet --python "$(command -v "$python")" "$folder"
  export VIRTUAL_ENV="$PWD/$folder"
  uv pip install --quiet --require-hashes -r dev.lock
  uv pip install --quiet --no-deps --no-build-isolation -e .
else
  if [ ! -x "$folder/bin/python" ] && ! "$python" -m venv "$folder"; then
    echo "$python cannot make a virtual environment; on Debian: apt install python3-venv" >&2
    exit 1
  fi
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r dev.lock
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
fi
