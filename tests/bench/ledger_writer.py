"""The coordinator's ledger as one writer sees it: archives' signed entries, each checked and on the disk before it
counts; and how much larger the database is than what it must hold."""

import json
import tempfile

from processes import run
from rows import Row

SINGLES = 5_000
GROUPED = 50_000


def _figures(bench, *options):
    with tempfile.TemporaryDirectory(prefix="ledger-writer-", dir=bench.programs) as folder:
        return json.loads(run([str(bench.programs / "bench_ledger_writer"), "--directory", folder, *options]))


def measure(bench):
    single = _figures(bench, "--entries", str(SINGLES))
    grouped = _figures(bench, "--entries", str(GROUPED), "--group")
    return [
        Row("append-single", single["entries_per_second"], "1/s", 500, more_is_better=True,
            limit=single["syncs_per_second"], limit_name="fsync"),
        Row("append-single-p99", single["p99_seconds"] * 1e3, "ms", 50),
        Row("append-group", grouped["entries_per_second"], "1/s", 5_000, more_is_better=True,
            limit=grouped["verifications_per_second"], limit_name="Ed25519"),
        Row("database-ratio", grouped["database_ratio"], "x", 1.8),
    ]
