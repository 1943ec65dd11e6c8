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
# The schema of AsyncAPI, which comes as a package of Node.js.
if archive=$(cd .venv/validators && npm pack --silent @asyncapi/specs@6 2> /dev/null); then
  mkdir -p .venv/validators/asyncapi && tar xzf ".venv/validators/$archive" -C .venv/validators/asyncapi --strip-components 1
  rm ".venv/validators/$archive"
else
  echo "left out (not to be had): @asyncapi/specs"
fi
touch .venv/validators/ready
