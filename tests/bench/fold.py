"""Folding updates in memory on one core, beside a plain copy of memory on the same core."""

import json

from processes import run
from rows import Row


def measure(bench):
    command = [str(bench.programs / "bench_fold"), "--benchmark_format=json", "--benchmark_min_time=0.5"]
    command += ["--benchmark_repetitions=3", "--benchmark_filter=LimitMemcpy|RingFold|DecodeWithChecks"]
    best = {}
    for result in json.loads(run(command))["benchmarks"]:
        if result["run_type"] == "iteration":
            gigabytes = result["bytes_per_second"] / 1e9
            best[result["run_name"]] = max(best.get(result["run_name"], 0), gigabytes)
    copied = {"more_is_better": True, "limit": best["LimitMemcpy"], "limit_name": "memcpy"}
    return [
        Row("fold-ring", best["RingFold"], "GB/s", 10, **copied),
        Row("fold-decode", best["DecodeWithChecks"], "GB/s", 6, **copied),
    ]
