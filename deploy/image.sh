#!/usr/bin/env bash
# Builds the image without Docker and without a registry: the base by debootstrap, the image by buildah, as root.
# Writes into the folder DIST (dist/ by default) what the image holds: sbom.json (CycloneDX) and licences.txt.
set -euo pipefail
cd "$(dirname "$0")/.."
dist=${DIST:-dist}
base=docker.io/library/python:3.11-slim-bookworm
export STORAGE_DRIVER=${STORAGE_DRIVER:-vfs}
for tool in buildah debootstrap; do
  command -v "$tool" > /dev/null || { echo "$tool is not installed: apt-get install buildah debootstrap" >&2; exit 1; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$dist"

if ! buildah inspect --type image "$base" > /dev/null 2>&1; then
  echo "building a base with Debian's Python as $base"
  debootstrap --variant=minbase --include=python3,python3-venv bookworm "$work/base" > "$work/log" 2>&1 || { tail "$work/log" >&2; exit 1; }
  ln -s python3 "$work/base/usr/bin/python"
  (cd "$work/base" && rm -rf usr/share/{doc,man,locale,info} var/cache/apt/* var/lib/apt/lists/*)
  container=$(buildah from scratch)
  buildah copy -q "$container" "$work/base" / > /dev/null
  buildah commit -q "$container" "$base" > /dev/null
  buildah rm "$container" > /dev/null
fi

# Certificates of a proxy that the machine's pip trusts, for the build alone.
mounts=()
if [ -n "${PIP_CERT:-}" ]; then
  printf '[global]\ncert = /run/pip.pem\n' > "$work/pip.conf"
  mounts=(--volume "$PIP_CERT:/run/pip.pem:ro" --volume "$work/pip.conf:/etc/pip.conf:ro")
fi
buildah bud -q --isolation chroot --format docker "${mounts[@]}" --build-arg "COMMIT=$(git rev-parse HEAD)" \
  -f deploy/Dockerfile -t newswire-streams . > "$work/log" 2>&1 || { tail "$work/log" >&2; exit 1; }

# cyclonedx-py asks a Python where its packages are. This one names those of the image.
container=$(buildah from newswire-streams)
root=$(buildah mount "$container")
packages=$(echo "$root"/opt/newswire/lib/python*/site-packages)
printf '#!/bin/sh\necho '"'"'["%s"]'"'"'\n' "$packages" > "$work/python"
chmod +x "$work/python"
.venv/validators/bin/cyclonedx-py environment --output-format JSON --output-file "$dist/sbom.json" "$work/python" 2> "$work/log" ||
  { tail "$work/log" >&2; exit 1; }
buildah rm "$container" > /dev/null
.venv/bin/python deploy/licences.py "$dist/sbom.json" > "$dist/licences.txt"
buildah images --format '{{.Name}} {{.Size}}' newswire-streams
