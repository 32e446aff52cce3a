#!/usr/bin/env bash
# Makes models/base/rave-tiny.safetensors again: renders the project's own notation of Western classical and popular
# tunes and trains on it. Takes one core for about 15 minutes on a machine that does nothing else.
# Usage: models/base/pretrain.sh OUTPUT.safetensors [WORKDIR]
# Needs consort-trainer (CONSORT_TRAINER names it if it is not in build/release/bin) and what deploy/music/render needs.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
output=${1:?usage: models/base/pretrain.sh OUTPUT.safetensors [WORKDIR]}
work=${2:-$root/build/pretrain}
trainer=${CONSORT_TRAINER:-$root/build/release/bin/consort-trainer}

"$root/deploy/music/render" "$work/music" dominant
"$trainer" pretrain --music "$work/music/dominant" --output "$output" --architecture rave-tiny --seed 1 --threads 1 \
  --batch 2 --window 65536 --steps 4500 --learning-rate 1e-3 --last-learning-rate 6.625e-4
