"""TLS, SASL and ACLs on a real broker: every part runs with the rights of deploy/acls.sh, and names a missing right."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from support import acls, flow, secured
from support.secured import SecuredBroker
from support.wait import wait_until

from streams.config.loader import load
from streams.config.settings import Settings
from streams.kafka.acls import ROLES
from streams.model.topics import LATEST

pytestmark = pytest.mark.kafka


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredBroker]:
    with secured.run_secured_broker(tmp_path_factory.mktemp("secured")) as running:
        yield running


def run(environment: dict[str, str], *arguments: str, stdin: bytes = b"") -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "streams", *arguments], env=environment, input=stdin, capture_output=True, timeout=90
    )
    return done.returncode, (done.stdout + done.stderr).decode()


def plain_settings(site: SecuredBroker, prefix: str) -> Settings:
    return load(environ={"NEWSWIRE_KAFKA": site.plain, "NEWSWIRE_TOPICS__PREFIX": prefix})


def test_the_acl_script_is_the_one_that_the_code_generates() -> None:
    assert acls.FILE.read_text(encoding="utf-8") == acls.format_script()


def test_each_part_runs_with_the_rights_of_the_script_over_tls_with_plain_and_scram(
    site: SecuredBroker, prefix: str, tmp_path: Path
) -> None:
    site.allow(prefix)
    assert run(site.environment("admin", prefix), "topics", "apply")[0] == 0
    item = json.dumps({"id": "1", "title": "Norwick Pumps opens a new factory in the town of Ostby"}).encode()
    assert run(site.environment("feed", prefix), "feed", "-", "--source", "testwire", stdin=item)[0] == 0
    running = []
    with (tmp_path / "log").open("ab") as output:
        try:
            for part, arguments in {
                "prepare": ["worker", "--stage", "prepare", "--http", "22166"],
                "decide": ["worker", "--stage", "decide", "--http", "22266"],
                "gateway": ["gateway", "--port", "22366"],
                "archive": ["archive", str(tmp_path / "archive")],
            }.items():
                command = [sys.executable, "-m", "streams", *arguments]
                more = {"NEWSWIRE_LOG__LEVEL": "DEBUG", "NEWSWIRE_ARCHIVE__FLUSH_SECONDS": "1"}
                environment = site.environment(part, prefix, **more)
                running.append(subprocess.Popen(command, env=environment, stdout=output, stderr=output))
            deadline, rows = time.monotonic() + 240, []
            while not rows:
                assert time.monotonic() < deadline, (tmp_path / "log").read_text()
                time.sleep(0.5)
                with suppress(OSError):
                    status, body = flow.http_get(22366, "/latest")
                    rows = json.loads(body) if status == 200 else []
            wait_until((tmp_path / "archive" / "archive.json").exists, (tmp_path / "log").read_text, seconds=240)
        finally:
            for process in running:
                process.terminate()
            for process in running:
                process.wait(20)
    assert [row["uri"] for row in rows] == ["urn:newswire:testwire:1"]
    assert len(flow.read(plain_settings(site, prefix), LATEST)) == 1
    wait_until(lambda: "rolled   " in run(site.environment("roll", prefix), "topics", "roll", "--quiet", "1s")[1])
    status, output = run(site.environment("watch", prefix), "audit")
    assert status == 0, output
    kill = ("desk", "kill", rows[0]["uri"], "--why", "sent in error", "--yes")
    status, output = run(site.environment("desk", prefix), *kill)
    assert status == 0, output
    status, output = run(site.environment("watch", prefix), "audit", "--gone", rows[0]["uri"])
    assert (status, f"{prefix}.raw: 1 record" in output) == (0, True), output
    log = (tmp_path / "log").read_text()
    assert '"event": "decided"' in log
    assert "open-sesame" not in log
    site.forbid_all()


@pytest.mark.parametrize(
    ("part", "arguments"),
    [
        ("admin", ["topics", "apply"]),
        ("feed", ["feed", "-", "--source", "testwire"]),
        ("prepare", ["worker", "--stage", "prepare"]),
        ("decide", ["worker", "--stage", "decide"]),
        ("gateway", ["gateway", "--port", "0"]),
        ("watch", ["topics", "plan"]),
        ("desk", ["desk", "kill", "urn:newswire:testwire:1", "--why", "sent in error", "--yes"]),
        ("roll", ["topics", "roll"]),
        ("archive", ["archive", "{folder}"]),
    ],
)
def test_without_rights_a_part_ends_with_one_sentence_about_them(
    site: SecuredBroker, prefix: str, tmp_path: Path, part: str, arguments: list[str]
) -> None:
    if part != "admin":
        assert (
            run(
                {
                    **site.environment("admin", prefix),
                    "NEWSWIRE_KAFKA": site.plain,
                    "NEWSWIRE_KAFKA__SECURITY_PROTOCOL": "PLAINTEXT",
                },
                "topics",
                "apply",
            )[0]
            == 0
        )
    words = [word.format(folder=tmp_path) for word in arguments]
    status, output = run(site.environment(part, prefix), *words, stdin=b"x")
    assert status == 1
    assert "does not let this user" in output or "does not allow this" in output, output
    assert output.count("\n") == 1, output


def test_a_wrong_password_and_an_unknown_authority_have_messages_of_their_own(site: SecuredBroker, prefix: str) -> None:
    wrong = site.environment("watch", prefix, NEWSWIRE_KAFKA_PASSWORD="wrong-secret")
    status, output = run(wrong, "topics", "plan")
    assert (status, "refused the credentials" in output, "wrong-secret" in output) == (1, True, False)
    status, output = run(
        site.environment("watch", prefix, NEWSWIRE_KAFKA__SSL_CA_FILE=str(site.other_authority)), "topics", "plan"
    )
    assert (status, "no TLS with Kafka" in output, "kafka.ssl_ca_file" in output) == (1, True, True)


def test_a_port_of_another_kind_gives_one_sentence_about_the_protocol(site: SecuredBroker, prefix: str) -> None:
    to_plain = {"NEWSWIRE_KAFKA": site.plain}
    without_tls = {"NEWSWIRE_KAFKA__SECURITY_PROTOCOL": "SASL_PLAINTEXT"}
    for address, changed in ((site.plain, to_plain), (site.secured, without_tls)):
        status, output = run(site.environment("watch", prefix, **changed), "topics", "plan")
        assert (status, output.count("\n")) == (1, 1), output
        assert f"Kafka at {address}" in output
        assert "kafka.security_protocol" in output or "no TLS" in output, output


def test_check_names_the_rights_that_a_part_lacks_and_passes_when_it_has_them(site: SecuredBroker, prefix: str) -> None:
    site.allow(prefix)
    assert run(site.environment("admin", prefix), "topics", "apply")[0] == 0
    for part in ROLES:
        output = run(site.environment(part, prefix), "check", "--part", part)[1]
        assert f"ok      rights: this user may do what {part} does" in output, output
    site.forbid_all()
    site.allow(prefix, leave_out="--transactional-id")
    output = run(site.environment("decide", prefix), "check", "--part", "decide")[1]
    assert "for decide this user lacks Write on transactional id newswire-decide.…: give them" in output
    site.forbid_all()
    site.allow(prefix, leave_out="newswire-prepare")
    output = run(site.environment("prepare", prefix), "check", "--part", "prepare")[1]
    assert "for prepare this user lacks Read on group newswire-prepare: give them" in output
    site.forbid_all()
