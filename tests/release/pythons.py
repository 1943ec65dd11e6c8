"""Runs the tests on each Python of the classifiers in pyproject.toml that this machine has: `pythons.py [VERSION…]`.

On each it installs the package into an environment of its own (`.venv/pythons/`), runs the tests that need no Kafka,
and then one flow through a real Kafka. A VERSION such as 3.14 is tried although no classifier names it. It looks for
`python3.X` on the PATH and among the versions of pyenv. The exit status is 0 when every Python that was found passes;
the last lines say which were not found.
"""

import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".venv" / "pythons"
CLASSIFIER = "Programming Language :: Python :: "
WITHOUT_KAFKA = ("-m", "not kafka and not system and not chaos and not release", "-n", "2", "--ignore", "tests/chaos")
FLOW = ("tests/integration/test_pipeline.py", "-k", "same_bytes_as_process")


def list_classifiers() -> list[str]:
    """Lists the versions that pyproject.toml says are supported."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [each.removeprefix(CLASSIFIER) for each in project["classifiers"] if each.startswith(CLASSIFIER)]


def find_python(version: str) -> Path | None:
    """Finds an interpreter of a version such as 3.12: the first one that runs."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    name = f"python{version}"
    on_path = [Path(folder) / name for folder in os.environ.get("PATH", "").split(":") if "shims" not in folder]
    for path in (*on_path, *sorted(pyenv.glob(f"{version}.*/bin/{name}"))):
        if path.exists():
            return path
    return None


def run_on(version: str, python: Path) -> bool:
    """Runs unit tests and the flow on one Python; prints what came of it."""
    place, begun = FOLDER / version, time.monotonic()
    ours = place / "bin" / "python"
    shutil.rmtree(place, ignore_errors=True)
    install = [ours, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-e", f"{ROOT}[kafka,demo,test]"]
    steps = {
        "install": [[python, "-m", "venv", place], install],
        "tests": [[ours, "-m", "pytest", "-p", "no:cacheprovider", *WITHOUT_KAFKA]],
        "flow": [[ours, "-m", "pytest", "-p", "no:cacheprovider", *FLOW]],
    }
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NEWSWIRE_")}
    for step, commands in steps.items():
        for command in commands:
            if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode:
                print(f"== Python {version} ({python}): {step} failed", flush=True)
                return False
    print(f"== Python {version} ({python}): passed in {time.monotonic() - begun:.0f} s", flush=True)
    return True


def main() -> int:
    """Runs what is found; the exit status is 1 when one fails or none is found."""
    wanted = sys.argv[1:] or list_classifiers()
    if bad := [each for each in wanted if not re.fullmatch(r"3\.\d+", each)]:
        raise SystemExit(f"not a version such as 3.12: {' '.join(bad)}")
    found = {version: python for version in wanted if (python := find_python(version))}
    passed = {version: run_on(version, python) for version, python in found.items()}
    said = {None: "not found here", True: "passed", False: "FAILED"}
    for version in wanted:
        print(f"Python {version}: {said[passed.get(version)]}")
    return 0 if passed and all(passed.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
