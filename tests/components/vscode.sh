#!/usr/bin/env bash
# Installs a real VS Code (code-server), Debian's Chromium and playwright-core into the tools cache; prints the
# folder, which holds node_modules with all three on it and bin/node (24).
. "$(dirname "$0")/cache.sh"
version="${1:-4.139.1}"
folder="$tools/vscode-$version"
if [ ! -e "$folder/complete" ] || [ ! -x /usr/bin/chromium ]; then
  exclusively "vscode-$version"
  command -v npm >/dev/null || debian nodejs npm
  debian chromium libkrb5-dev libsecret-1-dev libx11-dev libxkbfile-dev pkg-config g++ make python3
  if [ ! -e "$folder/complete" ]; then
    mkdir -p "$folder"
    cd "$folder"
    [ -e package.json ] || echo '{"private":true}' >package.json
    npm install --no-audit --no-fund --no-package-lock --dangerously-allow-all-scripts node@24 >&2
    export PATH="$folder/node_modules/node/bin:$PATH"
    npm_config_unsafe_perm=true npm install --no-audit --no-fund --no-package-lock \
      --dangerously-allow-all-scripts "code-server@$version" playwright-core@1.64.1 >&2
    touch complete
  fi
fi
echo "$folder"
