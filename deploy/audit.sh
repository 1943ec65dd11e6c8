#!/usr/bin/env bash
# Compares the locked packages with the known vulnerabilities.
# Exit status 0: none is known; 1: some are; 2: it could not be found out.
set -uo pipefail
cd "$(dirname "$0")/.."
PATH=$PATH:$PWD/.venv/validators/bin
command -v pip-audit > /dev/null || { echo "pip-audit is not installed: pip install pip-audit" >&2; exit 2; }
said=$(mktemp)
trap 'rm -f "$said"' EXIT
pip-audit --strict --disable-pip --require-hashes --requirement deploy/requirements.lock "$@" 2> "$said" && status=0 || status=$?
if [ "$status" -ne 0 ] && ! grep -q "^Found .* known vulnerabilit" "$said"; then
  tail -n 1 "$said" | cut -c 1-300 >&2
  echo "nothing was compared: the service of known vulnerabilities does not answer; try again, or from where it is reached" >&2
  exit 2
fi
cat "$said" >&2
exit "$status"
