#!/usr/bin/env bash
# Builds a version and keeps what it puts out, so that newer code can be held against it.
#
#   tests/upgrade/make.sh VERSION OUT [PATH…]
#
# VERSION is a name in versions.toml, or "here" for the code of this checkout. OUT is a new folder:
#   state/         the fold's state folder         kafka/         the data folder of the embedded Kafka
#   items/         generated items                 lines.jsonl    `newswire process` of them (and of each PATH)
#   records.jsonl  each record of each topic       help.txt       `--help` of each command
#   metrics.txt    HELP and TYPE of each metric    tables.md      the generated tables: settings, topics, metrics
#   topics.txt     `topics plan` on an empty cluster
#
# The topics also hold stories.jsonl: a story that was filed elsewhere, one that was withdrawn, one with an update without
# a text.
#
# With ONLY_TOPICS=1 it makes only the state and the topics. It runs in this checkout's environment: .venv must have what that version needs. Two minutes.
set -euo pipefail
version=$1 out=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
python=${PYTHON:-$root/.venv/bin/python}
count=${COUNT:-5000}
mkdir -p "$out"
out=$(cd "$out" && pwd)
code=$root
if [ "$version" != here ]; then
  commit=$("$python" -c 'import sys, tomllib; print(tomllib.load(open(sys.argv[1], "rb"))[sys.argv[2]]["commit"])' \
    "$here/versions.toml" "$version")
  code=$out/code
  git -C "$root" worktree add --quiet --detach --force "$code" "$commit"
fi
export PYTHONPATH=$code
newswire() { "$python" -m streams "$@"; }
finish() {
  kill $(jobs -p) 2> /dev/null || true
  wait
  newswire kafka down --dir "$out/kafka" 2> /dev/null || true
  if [ "$code" != "$root" ]; then git -C "$root" worktree remove --force "$code"; fi
}
trap finish EXIT
cd "$out"

describe() { # what needs no topics
  { newswire --help
    for command in $(newswire --help | sed -n '/^Commands/,$s/^  \([a-z-]*\) .*/\1/p'); do
      newswire "$command" --help
      for below in $(newswire "$command" --help | sed -n '/^Commands/,$s/^  \([a-z-]*\) .*/\1/p'); do
        newswire "$command" "$below" --help
      done
    done; } > help.txt
  find "$code" -name '*.md' -not -path '*/.*' -exec sed -n '/^<!-- table:/,/^<!-- end/p' {} + \
    | awk '/^<!-- table:/ { name = $2 } { print name "\t" $0 }' | sort -s -k1,1 | cut -f2 > tables.md
  newswire generate --count "$count" --out generated
  mv generated/items items
  newswire process items "$@" > lines.jsonl
}
all() { [ -z "${ONLY_TOPICS:-}" ]; }

if all; then describe "$@"; fi
free=$("$python" -c 'import socket; probe = socket.create_server(("127.0.0.1", 0)); print(probe.getsockname()[1])')
NEWSWIRE_KAFKA=$(newswire kafka up --port "$free" --dir "$out/kafka")
export NEWSWIRE_KAFKA NEWSWIRE_TOPICS__RAW_PARTITIONS=1
if all; then newswire topics plan > topics.txt 2>&1 || true; fi
newswire topics apply > /dev/null 2>&1
newswire generate --count "$count" --to-kafka 2> /dev/null
newswire feed "$here/stories.jsonl" --source eqs --received-at wire 2> /dev/null
port=$("$python" -c 'import random; print(random.randrange(20000, 30000))')
"$python" -m streams worker --state state --http "$port" 2> worker.log &
if all; then "$python" -m streams gateway --port 0 2> gateway.log & fi
for _ in $(seq 120); do
  sleep 2
  if newswire audit > audit.txt 2>&1; then break; fi
done
if all; then
  { curl -s "http://127.0.0.1:$port/metrics"; curl -s "http://127.0.0.1:$((port + 1))/metrics"; } | grep '^# ' | sort -u > metrics.txt
fi
kill $(jobs -p) && wait
if all; then "$python" "$here/dump.py" "$NEWSWIRE_KAFKA" > records.jsonl; fi
