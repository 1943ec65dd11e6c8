"""Tests the command line itself: help, errors as one sentence, exit status."""

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from streams.cli.main import COMMANDS, main

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _no_settings(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if name.startswith("NEWSWIRE_"):
            monkeypatch.delenv(name)


@pytest.fixture
def command(tmp_path, monkeypatch):
    """Adds a command `try` with the body given."""

    def add(body):
        name = f"tried_{abs(hash(body))}"
        text = f"import click\n\n@click.command()\ndef command():\n    {body}\n"
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
        monkeypatch.syspath_prepend(str(tmp_path))
        monkeypatch.setitem(COMMANDS, "try", (name, "for a test"))

    return add


@pytest.fixture
def unused_address():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    return f"127.0.0.1:{port}"


def call(*arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    out, err = capsys.readouterr()
    return stop.value.code, out, err


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (("feed", "a\x1b[2Jb.xml"), r"a\x1b[2Jb.xml"),
        (("process", "c\x9b31m\u202e.xml"), r"c\x9b31m\u202e.xml"),
        (("--config", "d\x1b]0;title\x07.toml", "check"), r"d\x1b]0;title\x07.toml"),
        (("export", "--last", "1h", "e\x1bc"), r"e\x1bc"),
    ],
)
def test_a_file_name_that_would_control_the_terminal_is_escaped(arguments, shown, capsys):
    status, out, err = call(*arguments, capsys=capsys)
    assert status in (1, 2)
    assert shown in out + err
    assert (out + err).replace("\n", "").isprintable()


def test_a_file_that_cannot_be_read_is_named_with_escapes(tmp_path, capsys):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "x\x1b[31m.zip").write_bytes(b"no archive")
    status, _, err = call("process", "in", capsys=capsys)
    assert (status, err.splitlines()[0]) == (1, r"cannot read in/x\x1b[31m.zip: it is damaged: File is not a zip file")


def test_help_names_every_command_and_imports_none(tmp_path):
    code = (
        "import sys\nfrom streams.cli.main import main\n"
        "try:\n    main(['--help'])\nfinally:\n"
        "    print(sorted({'aiokafka', 'faust', 'lxml', 'msgspec', 'asyncio'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert [name for name in COMMANDS if f"\n  {name} " not in done.stdout] == []
    assert done.stdout.endswith("\n[]\n")


def test_an_unknown_command_is_a_wrong_call(capsys):
    assert call("fede", capsys=capsys) == (2, "", "newswire: No such command 'fede'; see `newswire --help`\n")


def test_no_command_is_a_wrong_call(capsys):
    assert call(capsys=capsys) == (2, "", "newswire: Missing command; see `newswire --help`\n")


def test_the_version_with_the_stored_formats_goes_to_stdout(capsys):
    status, out, err = call("--version", capsys=capsys)
    assert (status, err) == (0, "")
    assert re.fullmatch(
        r"newswire \d+\.\d+\.\d+, commit ([0-9a-f]{12}|unknown); "
        r"log format 2 \(reads 1, 2 and 3\), state format 2 \(reads 1, 2 and 3\)\n",
        out,
    )


def test_an_unknown_setting_is_refused_with_its_name(capsys, monkeypatch):
    monkeypatch.setenv("NEWSWIRE_TOPICS__COLOUR", "red")
    status, out, err = call("topics", "plan", capsys=capsys)
    assert (status, out) == (2, "")
    assert err.startswith("topics.colour, from NEWSWIRE_TOPICS__COLOUR, is no setting: ")
    assert err.count("\n") == 1


def test_a_missing_configuration_is_refused_with_its_path(capsys):
    assert call("--config", "gone.toml", "topics", "plan", capsys=capsys) == (
        2,
        "",
        "cannot read the configuration gone.toml: No such file or directory\n",
    )


def test_help_of_a_command_works_with_wrong_settings(capsys, monkeypatch):
    monkeypatch.setenv("NEWSWIRE_TOPICS__COLOUR", "red")
    status, out, _ = call("topics", "--help", capsys=capsys)
    assert (status, out.split()[0]) == (0, "Usage:")


def test_no_broker_is_one_sentence_that_says_what_to_do(capsys, monkeypatch, unused_address):
    monkeypatch.setenv("NEWSWIRE_KAFKA", unused_address)
    assert call("topics", "plan", capsys=capsys) == (
        1,
        "",
        f"no Kafka at {unused_address}: start one with `newswire kafka up` or set NEWSWIRE_KAFKA\n",
    )


def test_an_invalid_address_is_a_wrong_call(capsys, monkeypatch):
    monkeypatch.setenv("NEWSWIRE_KAFKA", "localhost:kafka")
    assert call("topics", "plan", capsys=capsys) == (
        2,
        "",
        "kafka.brokers is 'localhost:kafka', from NEWSWIRE_KAFKA:"
        " give host:port[,host:port], each port from 1 to 65535\n",
    )


def test_an_unforeseen_exception_is_one_line_that_calls_itself_a_bug(capsys, command):
    command("raise KeyError('x')")
    status, out, err = call("try", capsys=capsys)
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert err.startswith("bug: KeyError: 'x' at tried_")
    assert err.endswith("run with NEWSWIRE_TRACEBACK=1 and report what it prints\n")


def test_a_traceback_is_printed_on_request(capsys, command, monkeypatch):
    monkeypatch.setenv("NEWSWIRE_TRACEBACK", "1")
    command("raise KeyError('x')")
    _, _, err = call("try", capsys=capsys)
    assert err.startswith("Traceback (most recent call last):\n")


def test_failed_work_is_status_1_and_its_sentence(capsys, command):
    command("from streams.model.errors import WorkFailed; raise WorkFailed('the disk\\n is full')")
    assert call("try", capsys=capsys) == (1, "", "the disk is full\n")


def test_an_operating_system_error_names_its_file(capsys, command):
    command("open('/nowhere/at/all')")
    assert call("try", capsys=capsys) == (1, "", "/nowhere/at/all: No such file or directory\n")


def test_a_reader_that_goes_away_ends_the_command_quietly(tmp_path):
    code = (
        "import click, types, sys\nfrom streams.cli import main as cli\n"
        "lines = click.Command('x', callback=lambda: [print('line ' * 20) for _ in range(100000)] and None)\n"
        "sys.modules['lines'] = types.SimpleNamespace(command=lines)\n"
        "cli.COMMANDS['try'] = ('lines', '')\ncli.main(['try'])"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
    ) as running:
        running.stdout.readline()
        running.stdout.close()
        assert (running.stderr.read(), running.wait()) == (b"", 0)


def test_an_interrupt_ends_the_command_without_output(tmp_path):
    code = (
        "import click, types, sys, time\nfrom streams.cli import main as cli\n"
        "def wait():\n    print('ready', flush=True)\n    time.sleep(60)\n"
        "sys.modules['waits'] = types.SimpleNamespace(command=click.Command('x', callback=wait))\n"
        "cli.COMMANDS['try'] = ('waits', '')\ncli.main(['try'])"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
    ) as running:
        assert running.stdout.readline() == b"ready\n"
        running.send_signal(signal.SIGINT)
        assert (running.wait(), running.stderr.read()) == (130, b"")
