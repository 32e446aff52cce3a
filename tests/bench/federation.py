"""A federation of real processes on loopback whose trainers return at once."""

import json
import shutil
import socket
import time

from processes import Daemon, MeasurementFailed, run, wait_until

JOB_LIMIT_SECONDS = 300
CONNECT_LIMIT_SECONDS = 60

JOB_FILE = """
[job]
name = "bench"
purpose = "train.generative"
seed = 7
rounds = {rounds}
[model]
architecture = "rave-tiny"
method = "full"
[local]
steps = 1
batch_size = 1
window_samples = 65536
learning_rate = 1e-3
[aggregation]
strategy = "fedavg"
weighting = "archive"
clip_norm = 1.0
max_weight = 100
cohort_bound = 64
[round]
quorum = {quorum}
recruiting_seconds = 60
grace_seconds = 60
deadline_seconds = 300
stall_seconds = 120
[evaluation]
every_rounds = 0
interval_level = 0.95
"""


def _free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Federation:
    """A coordinator and its archives in `folder`; leaving the `with` ends every process and removes the folder.

    `coordinates`: deltas of the model that the null trainers prepare and train. `train_millis`: how long a
    training takes. `trainer`: the program that trains; None is the real one.
    """

    def __init__(self, bench, name, coordinates=1000, train_millis=0, trainer="consort-null-trainer"):
        self.programs = bench.programs
        self.folder = bench.scratch / name
        self.folder.mkdir()
        self.coordinator = None
        self.nodes = {}
        self._trainer = ["--trainer", str(bench.programs / trainer)] if trainer else []
        self._environment = {
            "CONSORT_METRICS_LISTEN": "",
            "CONSORT_NULL_COORDINATES": str(coordinates),
            "CONSORT_NULL_TRAIN_MILLIS": str(train_millis),
        }
        self._init()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        for node in self.nodes.values():
            node.stop()
        if self.coordinator is not None:
            self.coordinator.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def program(self, name):
        return str(self.programs / name)

    @property
    def profile(self):
        return str(self.folder / "operator")

    def consort(self, *arguments):
        """Runs a command of `consort` as the operator and returns its JSON."""
        return json.loads(run([self.program("consort"), *arguments, "--profile", self.profile, "-o", "json"]))

    def _init(self):
        said = run(
            [self.program("consort-coordinator"), "init", "--directory", str(self.folder / "coordinator")]
            + ["--federation", "bench", "--listen", f"127.0.0.1:{_free_port()}", *self._trainer]
        )
        invitation = next(word for word in said.split() if word.startswith("consort-invite-1."))
        self.start_coordinator()
        run([self.program("consort"), "enrol", invitation, "--profile", self.profile])

    def start_coordinator(self):
        config = str(self.folder / "coordinator" / "coordinator.toml")
        command = [self.program("consort-coordinator"), "run", "--config", config]
        self.coordinator = Daemon(command, self.folder / "coordinator.log", self._environment)
        self.coordinator.wait_for_log("is ready")

    def restart_coordinator(self):
        """A fresh process: its memory has seen nothing of what went before."""
        self.coordinator.stop()
        self.start_coordinator()

    def enrol(self, archives, recordings=None):
        """`recordings`: the folder of each archive's recordings, by name."""
        for archive in archives:
            invitation = self.consort("invite", "archive", archive)["invitation"]
            command = [self.program("consort-node"), "enrol", invitation, "--directory", str(self.folder / archive)]
            folder = recordings[archive] if recordings else self.folder
            run(command + ["--recordings", str(folder), "--consent", "declared-by-operator", *self._trainer])

    def start_node(self, archive):
        config = str(self.folder / archive / "node" / "node.toml")
        command = [self.program("consort-node"), "run", "--config", config]
        self.nodes[archive] = Daemon(command, self.folder / f"{archive}.log", self._environment)

    def start_nodes(self, archives):
        for archive in archives:
            self.start_node(archive)
        wait_until(
            lambda: all(self.connection_of(archive) == "connected" for archive in archives),
            CONNECT_LIMIT_SECONDS,
            "nodes connected",
            every_seconds=0.1,
        )

    def connection_of(self, archive):
        members = self.consort("node", "list")
        return next(member["connection"] for member in members if member["name"] == archive)

    def submit(self, rounds, quorum):
        """Submits a job over the null trainer's model and returns its id."""
        base = self.folder / "base.safetensors"
        header = b'{"weight":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
        header += b" " * (-len(header) % 8)
        base.write_bytes(len(header).to_bytes(8, "little") + header + bytes(4))
        digest = self.consort("artifact", "put", str(base))["digest"]
        job_file = self.folder / "job.toml"
        job_file.write_text(JOB_FILE.format(rounds=rounds, quorum=quorum))
        return self.consort("job", "submit", str(job_file), "--base", digest)["job"]

    def job(self, job):
        return self.consort("job", "show", job)

    def wait_for_job(self, job, limit_seconds=JOB_LIMIT_SECONDS):
        """Waits until the job is complete and returns its record."""
        watch = [self.program("consort"), "job", "watch", job, "--profile", self.profile, "-o", "json"]
        run(watch, limit_seconds)
        record = self.job(job)
        if record["state"] != "completed":
            raise MeasurementFailed(f"the job is {record['state']}: {record['reason']}")
        return record


def archive_names(count):
    return [f"archive-{number}" for number in range(1, count + 1)]


def seconds_since(start):
    return time.monotonic() - start
