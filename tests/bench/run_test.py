#!/usr/bin/python3 -B
"""The benchmark script from end to end with its cheapest measurement. Looks at shapes, never at times."""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parent / "run"
PROGRAMS = sys.argv.pop()


def run(*arguments):
    return subprocess.run(
        [str(SCRIPT), "--programs", PROGRAMS, *arguments], capture_output=True, text=True, timeout=100, check=False
    )


class RunTest(unittest.TestCase):
    def test_writes_each_row_with_its_target_and_the_machine(self):
        with tempfile.TemporaryDirectory() as folder:
            figures = pathlib.Path(folder) / "figures.json"
            done = run("cut-noticed", "--json", str(figures))
            self.assertEqual(done.returncode, 0, done.stderr)
            document = json.loads(figures.read_text(encoding="utf-8"))
        self.assertIn("cut-noticed", done.stdout)
        self.assertEqual([row["name"] for row in document["rows"]], ["cut-noticed"])
        row = document["rows"][0]
        self.assertGreater(row["value"], 0)
        self.assertEqual((row["unit"], row["target"], row["better"]), ("s", 1, "less"))
        self.assertIn(row["verdict"], ("ok", "over"))
        self.assertGreater(document["machine"]["cores"], 0)

    def test_refuses_an_unknown_name_and_lists_the_known_ones(self):
        done = run("no-such-measurement")
        self.assertEqual(done.returncode, 2)
        self.assertIn("no-such-measurement", done.stderr)
        self.assertIn("round-100mb", done.stderr)

    def test_a_measurement_that_cannot_be_made_is_a_failure(self):
        with tempfile.TemporaryDirectory() as empty:
            done = subprocess.run(
                [str(SCRIPT), "--programs", empty, "cut-noticed"], capture_output=True, text=True, timeout=100, check=False
            )
        self.assertEqual(done.returncode, 1)
        self.assertIn("cut-noticed", done.stderr)


if __name__ == "__main__":
    unittest.main()
