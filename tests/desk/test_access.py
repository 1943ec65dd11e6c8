"""Tokens of the desk: a name, roles, and no answer without one."""

from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from streams.config.errors import ConfigError
from streams.desk.access import DeskAccess

TOKEN = "0123456789abcdef"
LINES = f"# who\nada look,file,withdraw {TOKEN}\n\nbob file {TOKEN[::-1]}\n"


@pytest.fixture
def access(tmp_path: Path) -> DeskAccess:
    return make(tmp_path, LINES)


def make(folder: Path, text: str) -> DeskAccess:
    (folder / "tokens").write_text(text)
    return DeskAccess(str(folder / "tokens"))


def ask(authorization: str) -> web.Request:
    return make_mocked_request("GET", "/desk/me", headers={"Authorization": authorization} if authorization else {})


def test_a_token_says_who_it_is_and_each_may_look(access: DeskAccess) -> None:
    ada, bob = access.identify(ask(f"Bearer {TOKEN}")), access.identify(ask(f"bearer  {TOKEN[::-1]} "))
    assert (ada.name, sorted(ada.roles)) == ("ada", ["file", "look", "withdraw"])
    assert (bob.name, sorted(bob.roles)) == ("bob", ["file", "look"])


@pytest.mark.parametrize("given", ["", "Bearer ", f"Basic {TOKEN}", f"Bearer {TOKEN}x"])
def test_without_a_right_token_nobody_gets_an_answer(access: DeskAccess, given: str) -> None:
    with pytest.raises(web.HTTPUnauthorized):
        access.identify(ask(given))


def test_a_role_that_a_token_does_not_have_is_refused(access: DeskAccess) -> None:
    with pytest.raises(web.HTTPForbidden) as refused:
        access.require(ask(f"Bearer {TOKEN[::-1]}"), "withdraw")
    assert refused.value.text == "bob may not withdraw: the token has file, look"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no token"),
        ("ada look\n", "line 1: give NAME ROLE"),
        (f"ada rule {TOKEN}\n", "line 1: 'rule' is no role: use look, file, withdraw"),
        (f"# x\nada/b look {TOKEN}\n", "line 2: 'ada/b' is no name"),
        ("ada look short\n", "a token has at least 16 characters"),
    ],
)
def test_a_file_of_tokens_that_is_wrong_is_refused_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        make(tmp_path, text)


def test_a_desk_without_a_file_of_tokens_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"gateway\.desk needs gateway\.desk_token_file"):
        DeskAccess("")
    with pytest.raises(ConfigError, match="cannot be read"):
        DeskAccess(str(tmp_path / "none"))
