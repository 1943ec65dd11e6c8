"""Every file of deploy/ passes its validator. What of these is not installed is skipped and named."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from support.readme import README

pytestmark = pytest.mark.system
DEPLOY = README.parent / "deploy"
INSTALLED = README.parent / ".venv" / "validators" / "bin"


def tool(name: str) -> str:
    """In the environment that `make test-system` makes for them, or on the PATH."""
    found = shutil.which(name, path=str(INSTALLED)) or shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def passes(*command: str | Path, cwd: Path = DEPLOY) -> str:
    done = subprocess.run(list(map(str, command)), cwd=cwd, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_alert_rules_pass_promtool_and_their_own_tests() -> None:
    passes(tool("promtool"), "check", "rules", "prometheus/rules.yml")
    passes(tool("promtool"), "check", "config", "--syntax-only", "prometheus/prometheus.yml")
    passes(tool("promtool"), "test", "rules", "rules.test.yml", cwd=DEPLOY / "prometheus")


def test_the_dockerfile_passes_hadolint() -> None:
    passes(tool("hadolint"), "Dockerfile")


def test_the_compose_file_is_of_the_compose_specification() -> None:
    passes(tool("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", "compose.yaml")


def test_what_kustomize_makes_is_what_kubernetes_takes(tmp_path: Path) -> None:
    made = tmp_path / "all.yaml"
    made.write_text(passes(tool("kubectl"), "kustomize", "kubernetes"))
    passes(tool("kubernetes-validate"), "--strict", made)


def test_an_audit_that_cannot_be_made_says_so_and_is_no_clean_one() -> None:
    tool("pip-audit")
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
        passes("bash", "-n", script)
