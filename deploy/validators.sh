#!/usr/bin/env bash
# Installs the validators of deploy/ into an environment of their own. Always succeeds: the tests skip and say so.
set -u
cd "$(dirname "$0")/.."
[ .venv/validators/ready -nt deploy/validators.txt ] && exit 0
python3 -m venv .venv/validators || exit 0
while read -r package; do
  case $package in ""|"#"*) continue ;; esac
  .venv/validators/bin/pip install --quiet --disable-pip-version-check "$package" > /dev/null 2>&1 || echo "left out (not to be had): $package"
done < deploy/validators.txt
touch .venv/validators/ready
