"""The deployment files agree with the code: names, ports, settings, users."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.readme import README

from streams.config.loader import load
from streams.kafka.acls import ROLES

DEPLOY = README.parent / "deploy"
Manifest = dict[str, Any]


def read_documents() -> list[Manifest]:
    return [
        document
        for path in sorted((DEPLOY / "kubernetes").glob("*.yaml"))
        for document in yaml.safe_load_all(path.read_text(encoding="utf-8"))
    ]


def list_pods() -> list[Manifest]:
    return [row["spec"]["template"]["spec"] for row in read_documents() if row["kind"] in ("StatefulSet", "Deployment")]


def test_every_file_of_kubernetes_is_in_the_kustomization() -> None:
    named = yaml.safe_load((DEPLOY / "kubernetes/kustomization.yaml").read_text(encoding="utf-8"))["resources"]
    there = {path.name for path in (DEPLOY / "kubernetes").glob("*.yaml")} - {"kustomization.yaml"}
    assert set(named) == there


def test_the_settings_in_kubernetes_are_valid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (DEPLOY / "kubernetes/newswire.toml").read_text(encoding="utf-8")
    (tmp_path / "ca.crt").touch()
    (tmp_path / "newswire.toml").write_text(text.replace("/etc/newswire-kafka/ca.crt", str(tmp_path / "ca.crt")))
    settings = load(str(tmp_path / "newswire.toml"), {})
    assert (settings.kafka.security_protocol, settings.worker.http_host) == ("SASL_SSL", "0.0.0.0")


def test_every_container_is_unprivileged_has_probes_and_is_named_for_its_kafka_role() -> None:
    for pod in list_pods():
        assert pod["securityContext"]["runAsNonRoot"]
        (container,) = pod["containers"]
        assert container["securityContext"] == {
            "readOnlyRootFilesystem": True,
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
        }
        assert [container[f"{probe}Probe"]["httpGet"]["path"] for probe in ("startup", "liveness", "readiness")] == [
            "/healthz",
            "/healthz",
            "/readyz",
        ]
        assert set(container["resources"]["requests"]) == {"cpu", "memory"}
        assert container["name"] in ROLES


def test_every_workload_has_a_disruption_budget() -> None:
    workloads = {row["metadata"]["name"] for row in read_documents() if row["kind"] in ("StatefulSet", "Deployment")}
    assert {row["metadata"]["name"] for row in read_documents() if row["kind"] == "PodDisruptionBudget"} == workloads


def test_compose_mounts_existing_files_and_opens_ports_on_this_machine_only() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]
    for service in services.values():
        for volume in service.get("volumes", []):
            if volume.startswith("./"):
                assert (DEPLOY / volume.partition(":")[0]).exists(), volume
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


def test_the_lock_has_every_dependency_of_the_package_and_a_hash_for_each() -> None:
    import tomllib

    wanted = tomllib.loads((README.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    names = {re.split(r"[\[<>=]", name)[0] for name in wanted}
    lock = (DEPLOY / "requirements.lock").read_text(encoding="utf-8")
    locked = set(re.findall(r"^([a-z0-9-]+)==", lock, re.M))
    assert names - locked == set()
    blocks = re.split(r"^(?=[a-z0-9-]+==)", lock, flags=re.M)[1:]
    assert [block.partition("\n")[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_quiet_topics_are_rolled_once_a_day_by_a_user_of_their_own() -> None:
    (job,) = [row["spec"] for row in read_documents() if row["kind"] == "CronJob"]
    minute, hour, *days = job["schedule"].split()
    assert (minute.isdigit(), hour.isdigit(), days) == (True, True, ["*", "*", "*"])
    pod = job["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert (container["args"], container["name"] in ROLES) == (["topics", "roll"], True)
    assert pod["securityContext"]["runAsNonRoot"]
    assert container["securityContext"]["readOnlyRootFilesystem"]
