"""How soon people are shown that a node is away."""

import signal
import time

from federation import Federation, archive_names, seconds_since
from processes import wait_until
from rows import Row

LIMIT_SECONDS = 30
ARCHIVE = "archive-1"


def _shown_after(bench, name, number, expected):
    """Returns the seconds from a signal to the node's daemon until `consort node list` says `expected`."""
    with Federation(bench, name) as federation:
        archives = archive_names(2)
        federation.enrol(archives)
        federation.start_nodes(archives)
        start = time.monotonic()
        federation.nodes[ARCHIVE].signal(number)
        wait_until(lambda: federation.connection_of(ARCHIVE) == expected, LIMIT_SECONDS, f"{name}: shown as {expected}")
        return seconds_since(start)


def measure_cut(bench):
    return [Row("cut-noticed", _shown_after(bench, "cut-noticed", signal.SIGKILL, "gone"), "s", 1)]


def measure_silent(bench):
    """Nine seconds after the last byte, and one look with the command line."""
    return [Row("silent-noticed", _shown_after(bench, "silent-noticed", signal.SIGSTOP, "silent"), "s", 9.5)]
