"""Every file of deploy/ passes its validator. A validator that is not installed is skipped with its name."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from support.readme import README

pytestmark = pytest.mark.system
DEPLOY = README.parent / "deploy"
INSTALLED = README.parent / ".venv" / "validators" / "bin"


def find_tool(name: str) -> str:
    """Finds a validator in the environment that `make test-system` creates, or on the PATH."""
    found = shutil.which(name, path=str(INSTALLED)) or shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def run_successfully(*command: str | Path, cwd: Path = DEPLOY) -> str:
    done = subprocess.run(list(map(str, command)), cwd=cwd, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_alert_rules_pass_promtool_and_their_own_tests() -> None:
    run_successfully(find_tool("promtool"), "check", "rules", "prometheus/rules.yml")
    run_successfully(find_tool("promtool"), "check", "config", "--syntax-only", "prometheus/prometheus.yml")
    for name in ("rules.test.yml", "rules.week.test.yml"):
        run_successfully(find_tool("promtool"), "test", "rules", name, cwd=DEPLOY / "prometheus")


def test_the_dockerfile_passes_hadolint() -> None:
    run_successfully(find_tool("hadolint"), "Dockerfile")


def test_the_compose_file_follows_the_compose_specification() -> None:
    run_successfully(find_tool("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", "compose.yaml")


def test_kubernetes_accepts_the_output_of_kustomize(tmp_path: Path) -> None:
    made = tmp_path / "all.yaml"
    made.write_text(run_successfully(find_tool("kubectl"), "kustomize", "kubernetes"))
    run_successfully(find_tool("kubernetes-validate"), "--strict", made)


def test_an_audit_without_network_fails_and_says_why() -> None:
    find_tool("pip-audit")
    done = subprocess.run(
        [DEPLOY / "audit.sh"],
        env={**os.environ, "HTTPS_PROXY": "http://127.0.0.1:1", "HTTP_PROXY": "http://127.0.0.1:1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 2, done.stdout + done.stderr
    assert "nothing was compared: the service of known vulnerabilities does not answer" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_scripts_are_bash() -> None:
    for script in sorted(DEPLOY.rglob("*.sh")):
        run_successfully("bash", "-n", script)
