"""Child processes of a measurement: output in a file, an end that is certain, memory and processor time."""

import os
import signal
import subprocess
import time

START_LIMIT_SECONDS = 60
STOP_LIMIT_SECONDS = 15
LOOK_EVERY_SECONDS = 0.005


class MeasurementFailed(Exception):
    """What was to be measured did not happen; the message says what did."""


def wait_until(condition, limit_seconds, what, every_seconds=LOOK_EVERY_SECONDS):
    """Returns the first true value of `condition`; raises after the limit."""
    end = time.monotonic() + limit_seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise MeasurementFailed(f"{what}: not within {limit_seconds} s")
        time.sleep(every_seconds)


def run(arguments, limit_seconds=120, environment=None):
    """Runs a program to its end and returns what it printed; raises when it fails."""
    done = subprocess.run(
        arguments, capture_output=True, text=True, timeout=limit_seconds, env={**os.environ, **(environment or {})}
    )
    if done.returncode != 0:
        raise MeasurementFailed(f"{' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


class Daemon:
    """A process that runs until it is stopped, in a process group of its own."""

    def __init__(self, arguments, log_path, environment=None):
        self.log_path = log_path
        with open(log_path, "ab") as log:
            self._log_start = log.tell()
            self._process = subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **(environment or {})},
                start_new_session=True,
            )

    @property
    def pid(self):
        return self._process.pid

    def log(self):
        with open(self.log_path, "rb") as log:
            log.seek(self._log_start)
            return log.read().decode(errors="replace")

    def wait_for_log(self, text):
        def said():
            if self._process.poll() is not None:
                raise MeasurementFailed(f"{self.log_path}: ended early:\n{self.log()[-2000:]}")
            return text in self.log()

        wait_until(said, START_LIMIT_SECONDS, f"{self.log_path}: '{text}'")

    def signal(self, number):
        """Sends to the process alone, not to its group."""
        self._process.send_signal(number)

    def kill(self):
        """Ends the process without any warning and reaps it; its launcher and trainer end by themselves."""
        self._process.kill()
        self._process.wait()

    def stop(self):
        """Ends the process in good order, then whatever is left of its group by force."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGCONT)
            self._process.terminate()
            try:
                self._process.wait(STOP_LIMIT_SECONDS)
            except subprocess.TimeoutExpired:
                pass
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._process.wait()

    def memory_mb(self, field):
        """Returns VmRSS (now) or VmHWM (peak) in MB of 10^6 bytes."""
        with open(f"/proc/{self.pid}/status", encoding="ascii") as status:
            for line in status:
                if line.startswith(field + ":"):
                    return int(line.split()[1]) * 1024 / 1e6
        raise MeasurementFailed(f"no {field} in /proc/{self.pid}/status")

    def processor_seconds(self):
        """Returns the time spent on a processor so far, in user and kernel mode."""
        with open(f"/proc/{self.pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
