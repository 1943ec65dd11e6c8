#!/usr/bin/env bash
# Compares the locked packages with the known vulnerabilities. Exit status 1 where one is known.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v pip-audit > /dev/null || { echo "pip-audit is not installed: pip install pip-audit" >&2; exit 1; }
pip-audit --strict --disable-pip --require-hashes --requirement deploy/requirements.lock "$@"
