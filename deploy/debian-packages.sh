#!/usr/bin/env bash
# Installs what the system tests use, and the packages that are named, where it may; says what it could not.
# Always succeeds: the tests skip and say so.
set -u
wanted=(kcat chromium fonts-noto-cjk prometheus maven default-jdk-headless postgresql spin gcc libc6-dev "$@")
missing=()
for package in "${wanted[@]}"; do
  dpkg -s "$package" > /dev/null 2>&1 || missing+=("$package")
done
[ "${#missing[@]}" -eq 0 ] && exit 0
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get > /dev/null; then
  echo "left out (no root or no apt-get): ${missing[*]}"
  exit 0
fi
apt-get update -qq > /dev/null 2>&1
apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null 2>&1 || echo "left out (not to be had): ${missing[*]}"
exit 0
