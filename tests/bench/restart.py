"""How soon a round goes on after its coordinator was killed."""

import time

from federation import Federation, archive_names, seconds_since
from processes import MeasurementFailed, wait_until
from rows import Row

NODES = 4
COORDINATES = 1_000_000
TRAIN_MILLIS = 8_000  # longer than the restart: the round is in its middle all along
LIMIT_SECONDS = 60
TAKING_PART = {"training", "uploading", "acknowledged"}


def _round_goes_on(job):
    """True when the round is open with all its nodes, and every one of them is connected."""
    if not job["round_list"]:
        return False
    parts = job["round_list"][-1]["participations"]
    in_round = sum(part["state"] in TAKING_PART for part in parts)
    connected = sum(offer["connected"] for offer in job["archives"])
    return in_round == NODES and connected == NODES


def measure(bench):
    with Federation(bench, "restart-resume", COORDINATES, TRAIN_MILLIS) as federation:
        archives = archive_names(NODES)
        federation.enrol(archives)
        federation.start_nodes(archives)
        job = federation.submit(rounds=1, quorum=NODES)
        wait_until(lambda: _round_goes_on(federation.job(job)), LIMIT_SECONDS, "a round in training")
        before = federation.job(job)["round_list"][-1]["round_id"]
        start = time.monotonic()
        federation.coordinator.kill()
        federation.start_coordinator()
        wait_until(lambda: _round_goes_on(federation.job(job)), LIMIT_SECONDS, "the round resumed")
        seconds = seconds_since(start)
        rounds = federation.wait_for_job(job)["round_list"]
        if [one["round_id"] for one in rounds] != [before]:
            raise MeasurementFailed("the restarted coordinator did not finish the round that it had opened")
        return [Row("restart-resume", seconds, "s", 5)]
