"""What the parent of a worker does with a process that cannot go on."""

import subprocess
import sys

from streams.runtime.supervisor import CANNOT_GO_ON

PARENT = """
import sys
from streams.model.errors import WorkFailed
from streams.runtime.supervisor import ChildProcess, supervise
waits = ChildProcess("prepare", [sys.executable, "-c", "input()"])
gives_up = ChildProcess("decide", [sys.executable, "-c", "raise SystemExit({status})"])
try:
    supervise([waits, gives_up])
except WorkFailed as error:
    print(error)
print("the other has ended:", waits.process.poll() is not None)
"""


def test_a_process_that_met_what_a_newer_release_wrote_is_not_restarted_and_the_worker_stops_with_one_sentence() -> (
    None
):
    call = [sys.executable, "-c", PARENT.format(status=CANNOT_GO_ON)]
    done = subprocess.run(call, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines() == [
        "decide cannot go on, and a restart would not help: its line `worker_leaves` above says why and what to do",
        "the other has ended: True",
    ]
