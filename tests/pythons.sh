#!/usr/bin/env bash
# Each Python that is found, on a newcomer's machine: a fresh clone, an empty home, nothing set. `make run` answers, with warnings
# as errors, and `make test` passes, in which they are errors always. PYTHONS="3.12 3.13" names some.
set -euo pipefail
cd "$(dirname "$0")/.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
tried=0

in_clone() { (cd "$scratch/$version" && exec env -i HOME="$scratch/home" PATH="$PATH" LANG=C.UTF-8 "$@" PYTHON="$python"); }

for version in ${PYTHONS:-3.11 3.12 3.13 3.14}; do
  # pyenv keeps its own aside.
  python=$(find "$HOME/.pyenv/versions" -path "*/$version.*/bin/python$version" 2>/dev/null | sort -V | tail -1)
  python=${python:-$(command -v "python$version" || true)}
  "${python:-false}" -c '' 2>/dev/null || { echo "== Python $version is not here"; continue; }
  echo "== $("$python" --version)"
  rm -rf "$scratch/home" && mkdir "$scratch/home"
  git clone --quiet . "$scratch/$version"

  in_clone make .venv/.run
  in_clone PYTHONWARNINGS=error GATEWAY_PORT=0 GATEWAY_DEMO_DATA= make run >"$scratch/run.log" 2>&1 &
  for _ in $(seq 60); do [ -s "$scratch/$version/data/address" ] && break; sleep 1; done
  "$python" -c 'import sys, urllib.request as u; print(u.urlopen(sys.argv[1] + "/readyz").read().decode())' \
    "$(cat "$scratch/$version/data/address" || { cat "$scratch/run.log" >&2; exit 1; })"
  kill -INT "$(cat "$scratch/$version/data/lock")" && wait $!

  in_clone make test
  tried=$((tried + 1))
done
test $tried -gt 0
