#!/usr/bin/env bash
# The README's picture of the page, from a running gateway: deploy/screenshot.sh [URL] [FILE]. Needs Chromium.
set -eu
url=${1:-http://127.0.0.1:8080/}
file=${2:-$(dirname "$0")/screenshots/page.png}
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
[ -n "$browser" ] || { echo "no Chromium: apt-get install chromium" >&2; exit 1; }
ready=${url%%/#*}
curl --silent --fail --max-time 5 --output /dev/null "${ready%/}/readyz" || { echo "no gateway is ready at $ready: start one with \`newswire gateway\`" >&2; exit 1; }
profile=$(mktemp -d)
trap 'rm -rf "$profile"' EXIT
mkdir -p "$(dirname "$file")"
# No virtual time: an open stream holds it still. The rows are there before the time is out.
timeout 60 "$browser" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
  --disable-background-networking --disable-component-update --disable-sync --hide-scrollbars \
  --user-data-dir="$profile" --window-size=1280,800 --timeout=3000 --screenshot="$(realpath -m "$file")" "$url" 2> "$profile/said" || true
[ -s "$file" ] || { cat "$profile/said" >&2; exit 1; }
echo "$file"
