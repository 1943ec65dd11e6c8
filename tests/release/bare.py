"""Runs `make demo` and `make test` on a fresh Debian that has Python, make and git alone: `bare.py PART…`.

The Debian is a folder made by debootstrap, so this needs root and debootstrap. The checkout is cloned into it as HEAD
stands, and a user without rights runs the commands there. There is no compiler, no Java, no Kafka and no `shared/data`.
A PART is `demo`, `test` or `unit`, the tests that need no Kafka. Other suites of Debian have other Pythons:
`--suite trixie`. `--keep DIR` leaves the Debian in DIR for a next run.

pip in it trusts the certificates of PIP_CERT where that is set, as on a machine behind a proxy.
"""

import argparse
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = "python3,python3-venv,make,git"
USER = "1000"
HOME = "home/reader"
CHECKOUT = f"{HOME}/newswire"
ABSENT = ("cc", "gcc", "java", "javac", "mvn", "docker")
ROW = re.compile(r"\d\d:\d\d[ap]  ")
"""The begin of a line of the ticker."""
ROWS = 10
"""The demo is stopped when it has shown that many lines of the ticker."""
DEMO_SECONDS = 900
STOP_SECONDS = 90
MAKE_INTERRUPTED = 2
"""What make answers where it does not end by the signal itself."""
UNIT = (
    "make .venv/ready && .venv/bin/python -m pytest -n 2 -m 'not kafka and not system and not chaos and not release'"
    " --ignore tests/chaos"
)


def make_root(folder: Path, suite: str) -> None:
    """Makes the Debian, where the folder has none, and clones the checkout into it."""
    if not (folder / "usr/bin/git").exists():
        say(f"Debian {suite} with {PACKAGES}: some minutes")
        command = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", suite, str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"debootstrap failed: {done.stdout[-2000:]}")
    there = [name for name in ABSENT if shutil.which(name, path=f"{folder}/usr/bin:{folder}/bin")]
    assert not there, f"the root is not bare: {there}"
    folder.chmod(0o755)  # a temporary folder is root's alone, and inside it is `/`
    shutil.rmtree(folder / HOME, ignore_errors=True)
    (folder / HOME).mkdir(parents=True)
    subprocess.run(["git", "clone", "--quiet", f"file://{ROOT}", folder / CHECKOUT], check=True)
    subprocess.run(["chown", "-R", f"{USER}:{USER}", folder / HOME], check=True)


def start(folder: Path, command: str, **options: object) -> "subprocess.Popen[str]":
    """Starts a command of the shell in the checkout of the root, as a user without rights, in a process group."""
    inside = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": f"/{HOME}", "LANG": "C.UTF-8", "TERM": "dumb"}
    root = shlex.quote(str(folder))
    mounts = [
        f"mount --bind /proc {root}/proc",
        f"mount --rbind /dev {root}/dev",
        f"mount -t tmpfs -o mode=1777 tmpfs {root}/dev/shm",
    ]
    if certificates := os.environ.get("PIP_CERT"):
        (folder / "run/certificates.pem").touch()
        mounts.append(f"mount --bind {shlex.quote(certificates)} {root}/run/certificates.pem")
        inside |= dict.fromkeys(("PIP_CERT", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"), "/run/certificates.pem")
    for name in ("PIP_INDEX_URL", "https_proxy", "http_proxy", "no_proxy"):
        if name in os.environ:
            inside[name] = os.environ[name]
    for name in ("etc/resolv.conf", "etc/hosts"):
        shutil.copy(f"/{name}", folder / name)
    variables = shlex.join(f"{name}={value}" for name, value in inside.items())
    script = "\n".join(
        [
            "set -e",
            *mounts,
            f"exec chroot {root} setpriv --reuid {USER} --regid {USER} --clear-groups --no-new-privs"
            f" env -i {variables} sh -c {shlex.quote(f'cd /{CHECKOUT} && exec {command}')}",
        ]
    )
    return subprocess.Popen(["unshare", "--mount", "bash", "-c", script], start_new_session=True, text=True, **options)  # type: ignore[call-overload,no-any-return]


def run_demo(folder: Path) -> bool:
    """Runs `make demo` until it shows items, presses Ctrl-C, and looks for what is left running."""
    begun = time.monotonic()
    rows, first, stopped = 0, 0.0, False
    demo = start(folder, "make demo", stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    signal.signal(signal.SIGALRM, lambda *_: os.killpg(demo.pid, signal.SIGKILL))
    signal.alarm(DEMO_SECONDS)
    assert demo.stdout is not None
    for line in demo.stdout:
        print(line, end="", flush=True)
        stopped = stopped or line == "stopped\n"
        if ROW.match(line):
            rows, first = rows + 1, first or time.monotonic() - begun
            if rows == ROWS:
                os.killpg(demo.pid, signal.SIGINT)
                signal.alarm(STOP_SECONDS)
    status = demo.wait()
    signal.alarm(0)
    left = list_left(folder)
    stop = "stopped by Ctrl-C" if stopped else "did not stop by itself"
    say(f"make demo: {rows} items, the first after {first:.0f} s; {stop} (status {status}); left: {left or 'nothing'}")
    return rows >= ROWS and stopped and status in (0, -signal.SIGINT, MAKE_INTERRUPTED) and not left


def list_left(folder: Path) -> list[str]:
    """Lists the commands of processes that run in the root."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "root").readlink() == folder and (process / "cmdline").read_bytes():
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")[:150])
        except OSError:
            continue
    return found


def run_tests(folder: Path, name: str, command: str) -> bool:
    """Runs a part of the suite to its end."""
    begun = time.monotonic()
    status = start(folder, command).wait()
    say(f"{name}: status {status} after {time.monotonic() - begun:.0f} s")
    return status == 0


def say(text: str) -> None:
    """Tells the reader what happens."""
    print(f"== {text}", file=sys.stderr, flush=True)


def main() -> int:
    """Runs the parts that are named; the exit status is 0 when all of them pass."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("parts", nargs="+", choices=("demo", "unit", "test"))
    arguments.add_argument("--suite", default="bookworm")
    arguments.add_argument("--keep", type=Path, metavar="DIR")
    chosen = arguments.parse_args()
    missing = [tool for tool in ("debootstrap", "unshare", "setpriv") if shutil.which(tool) is None]
    if missing or os.getuid() != 0:
        raise SystemExit(f"this needs root, debootstrap, unshare and setpriv; missing: {' '.join(missing) or 'root'}")
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a child of a process that ignores it ignores it too
    folder = (chosen.keep or Path(tempfile.mkdtemp(prefix="newswire-bare-"))).resolve()
    try:
        make_root(folder, chosen.suite)
        work = {
            "demo": lambda: run_demo(folder),
            "unit": lambda: run_tests(folder, "the tests without Kafka", f"sh -c {shlex.quote(UNIT)}"),
            "test": lambda: run_tests(folder, "make test", "make test"),
        }
        passed = [work[part]() for part in chosen.parts]
    finally:
        shutil.rmtree(folder / HOME if chosen.keep else folder, ignore_errors=True)
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
