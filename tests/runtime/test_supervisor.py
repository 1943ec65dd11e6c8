"""What the parent of a worker does with a process that cannot go on."""

import subprocess
import sys
from pathlib import Path

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


HANGS_UP = """
import os, pty, signal, sys, time
from pathlib import Path
CHILD = (
    "import signal, sys; from pathlib import Path; "
    "signal.signal(signal.SIGHUP, lambda *_: Path(sys.argv[1]).touch()); "
    "signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGHUP]); input()"
)
heard = Path(sys.argv[1])
pid, terminal = pty.fork()
if not pid:
    from streams.runtime.supervisor import ChildProcess, supervise
    sys.exit(supervise([ChildProcess("prepare", [sys.executable, "-c", CHILD, str(heard)])]) + 7)
children = Path(f"/proc/{pid}/task/{pid}/children")
while not heard.exists():
    if children.read_text():  # so it has its handlers
        os.kill(pid, signal.SIGHUP)
    time.sleep(0.1)
os.close(terminal)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""


def test_a_hangup_goes_to_the_processes_and_stops_them_only_where_the_terminal_is_gone(tmp_path: Path) -> None:
    call = [sys.executable, "-c", HANGS_UP, str(tmp_path / "heard")]
    done = subprocess.run(call, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "7\n"
