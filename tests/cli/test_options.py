"""What commands share: the name of the user who gives one."""

import getpass
import os

import pytest

from streams.cli.options import find_user_name


def test_the_user_of_a_command_has_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "ada")
    assert find_user_name() == "ada"


@pytest.mark.parametrize("error", [KeyError("getpwuid(): uid not found: 10001"), OSError("No username set")])
def test_a_user_without_a_name_is_told_by_number(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail() -> str:
        raise error

    monkeypatch.setattr(getpass, "getuser", fail)
    assert find_user_name() == f"user {os.getuid()}"
