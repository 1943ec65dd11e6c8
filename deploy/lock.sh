#!/usr/bin/env bash
# Renews deploy/requirements.lock: every package of the image for Python 3.11 on Linux, with version and hashes.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v uv > /dev/null || { echo "uv is not installed: pip install uv" >&2; exit 1; }
uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
  --output-file deploy/requirements.lock pyproject.toml "$@"
