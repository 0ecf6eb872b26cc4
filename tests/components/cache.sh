# Sourced by the component scripts: where built tools live (outside the checkout, so that clones share them).
set -euo pipefail
tools="${BEADWORK_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/beadwork-tools}"
mkdir -p "$tools"

# Two scripts at once must not build the same thing twice: hold LOCK until this script ends.
exclusively() {
  exec 9>"$tools/$1.lock"
  flock 9
}

# Debian packages by name; does nothing when all are there.
debian() {
  local missing=()
  for name in "$@"; do
    dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || missing+=("$name")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  local sudo=""
  [ "$(id -u)" -eq 0 ] || sudo="sudo"
  exec 8>"$tools/apt.lock"
  flock 8
  $sudo apt-get update -q >&2
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -q -y --no-install-recommends "${missing[@]}" >&2
  flock -u 8
}
