# Template-owned: copier update merges your edits.
# shellcheck shell=bash
# One gate on a machine of CI: install the packages it needs, then run the same as everywhere.
# In: GATE, an environment of tox.toml or several with commas; PACKAGES, names of Debian packages.
set -euo pipefail
: "${GATE:?the name of a gate}"

if [ -n "${PACKAGES:-}" ]; then
    as_root=()
    [ "$(id -u)" = 0 ] || as_root=(sudo)
    "${as_root[@]}" apt-get update -qq
    # shellcheck disable=SC2086 # several names
    "${as_root[@]}" apt-get install -qq --yes --no-install-recommends $PACKAGES
fi
[ -z "${TMPDIR:-}" ] || mkdir -p "$TMPDIR"
exec uv run tox -e "$GATE"
