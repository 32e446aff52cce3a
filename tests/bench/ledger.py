"""A ledger of a million entries: audited, proved from and published, beside what Ed25519 alone costs in the same run.

What one writer appends is measured by the coordinator's own rows; these know no database."""

import json

from processes import run
from rows import Row

ENTRIES = 1_000_000
LIMIT_SECONDS = 1800  # of one command; on an idle machine the longest takes two minutes
ONE_CORE = ("taskset", "-c", "0")
TWO_CORES = ("taskset", "-c", "0,1")


def _bench(bench, *arguments, cores=ONE_CORE):
    command = [*cores, str(bench.programs / "bench_ledger"), *map(str, arguments)]
    return json.loads(run(command, limit_seconds=LIMIT_SECONDS))


def _audit_rows(bench, folder):
    ed25519 = _bench(bench, "limit")["seconds_a_million"]
    alone = _bench(bench, "audit", folder)
    both = _bench(bench, "audit", folder, "--threads", 2, cores=TWO_CORES)
    tree = _bench(bench, "audit", folder, "--tree-only")
    peak = max(audit["peak_mb"] for audit in (alone, both, tree))
    return [
        Row("audit-1m", alone["seconds"], "s", 100, limit=ed25519, limit_name="Ed25519 on one core"),
        Row("audit-1m-two-cores", both["seconds"], "s", 55, limit=ed25519 / 2, limit_name="Ed25519 on two cores"),
        Row("audit-1m-tree", tree["seconds"], "s", 20),
        Row("audit-1m-memory", peak, "MB", 600),
    ]


def measure(bench):
    folder = bench.scratch / "ledger"
    made = _bench(bench, "make", folder, "--entries", ENTRIES)
    rows = _audit_rows(bench, folder)
    proofs = _bench(bench, "proofs", folder)
    published = _bench(bench, "publish", folder)  # last: it adds entries that no audit would take
    return rows + [
        Row("proof-make", proofs["make_ms"], "ms", 1),
        Row("proof-check", proofs["check_ms"], "ms", 1),
        Row("proof-size", proofs["bytes"], "B", 2048),
        Row("publish-delta-1m", published["median_ms"], "ms", 100),
        Row("export-ratio", made["export_ratio"], "x", 1.1),
    ]
