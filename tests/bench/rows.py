"""A measured value beside its target, and how rows are shown."""

import dataclasses
import json
from typing import Optional


@dataclasses.dataclass(frozen=True)
class Row:
    """One line of the table.

    `target` is the most that `value` may be, or the least where `more_is_better`; None: shown for comparison.
    `limit` is a peer or a physical limit measured in the same run, in the same unit; `limit_name` says which.
    """

    name: str
    value: float
    unit: str
    target: Optional[float] = None
    more_is_better: bool = False
    limit: Optional[float] = None
    limit_name: str = ""

    def verdict(self):
        if self.target is None:
            return "-"
        kept = self.value >= self.target if self.more_is_better else self.value <= self.target
        return "ok" if kept else "over"

    def ratio(self):
        return None if not self.limit else self.value / self.limit

    def record(self):
        return {
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "target": self.target,
            "better": "more" if self.more_is_better else "less",
            "verdict": self.verdict(),
            "limit": self.limit,
            "limit_name": self.limit_name or None,
            "ratio": self.ratio(),
        }


def format_number(value):
    if value is None:
        return "-"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.2f}"


def _cells(row):
    target = "-"
    if row.target is not None:
        target = (">= " if row.more_is_better else "<= ") + f"{row.target:g}"
    against = f"{format_number(row.ratio())} x {row.limit_name} ({format_number(row.limit)})" if row.limit else "-"
    return (row.name, format_number(row.value), row.unit, target, row.verdict(), against)


def table(rows):
    """Returns the rows as aligned text with a heading."""
    lines = [("name", "value", "unit", "target", "", "ratio to a limit of this run")] + [_cells(row) for row in rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in lines)


def document(rows, machine):
    """Returns the rows and the machine they were measured on as JSON text."""
    return json.dumps({"machine": machine, "rows": [row.record() for row in rows]}, indent=2) + "\n"
