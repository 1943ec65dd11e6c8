#!/usr/bin/env bash
# Makes the README's pictures from a demo of its own: the page at three widths, a story (Chromium), and the terminal.
set -eu
cd "$(dirname "$0")/.."
python=.venv/bin/python
folder=$(mktemp -d)
( cd "$folder" && exec "$OLDPWD/$python" -m streams demo > rows.txt 2> steps.txt ) &
demo=$!
trap 'kill -INT $demo 2> /dev/null; wait $demo 2> /dev/null; rm -rf "$folder"' EXIT
for _ in $(seq 120); do grep -q '^logs:' "$folder/steps.txt" 2> /dev/null && break; sleep 1; done
sleep "${1:-150}"
address=$(sed -n 's/^ticker page: //p' "$folder/steps.txt")
kafka=$(sed -n 's/^Kafka: //p' "$folder/steps.txt")
"$python" deploy/page_pictures.py "$address"
NEWSWIRE_KAFKA=$kafka "$python" deploy/terminal_svg.py deploy/screenshots/terminal.svg
