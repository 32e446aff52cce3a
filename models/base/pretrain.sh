#!/usr/bin/env bash
# Makes models/base/rave-tiny.safetensors again: renders the project's own notation of Western classical and popular
# tunes and trains on it, first at a high learning rate, then with one that falls to almost nothing. Takes one core
# for about half an hour on a machine that does nothing else.
# Usage: models/base/pretrain.sh OUTPUT.safetensors [WORKDIR]
# Needs consort-trainer (CONSORT_TRAINER names it if it is not in build/release/bin) and what deploy/music/render needs.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
output=${1:?usage: models/base/pretrain.sh OUTPUT.safetensors [WORKDIR]}
work=${2:-$root/build/pretrain}
trainer=${CONSORT_TRAINER:-$root/build/release/bin/consort-trainer}

"$root/deploy/music/render" "$work/music" dominant
common=(--music "$work/music/dominant" --architecture rave-tiny --batch 2 --window 65536 --threads 1)
"$trainer" pretrain "${common[@]}" --output "$work/stage-1.safetensors" --seed 1 \
  --steps 4500 --learning-rate 1e-3 --last-learning-rate 6.625e-4
"$trainer" pretrain "${common[@]}" --start "$work/stage-1.safetensors" --output "$output" --seed 2 \
  --steps 3500 --learning-rate 6.6e-4 --last-learning-rate 1e-5
