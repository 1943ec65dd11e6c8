"""The page of the desk answers nobody without a token, acts on no GET, and appends what its plan showed."""

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from urllib.parse import urlencode

import pytest
from support import flow
from support.desk_page import COPY, STORY, TOKENS, ask, run_desk
from support.ticker import run_ticker_gateway
from support.wait import wait_until

from streams.config.settings import Settings
from streams.model.codec import decode
from streams.model.records import Command
from streams.model.topics import LOG

pytestmark = pytest.mark.kafka
ADA, BOB, EVE = TOKENS["ada"], TOKENS["bob"], TOKENS["eve"]
NOTE = {"action": "note", "uri": STORY, "text": "Take care"}


def test_the_desk_plans_and_acts_for_those_who_may(settings: Settings, tmp_path: Path) -> None:
    with run_desk(settings, tmp_path) as (settings, gateway):
        before = len(flow.read(settings, LOG))
        for path in ("/desk/me", "/desk/lists/duplicates", f"/desk/item?uri={STORY}", "/desk/actions"):
            assert ask(gateway, path)[0] == 401
            assert ask(gateway, path, "a-token-of-nobody")[0] == 401
        for path in ("/desk/plan", "/desk/act"):
            assert ask(gateway, path, ADA)[0] == 405
            assert ask(gateway, path, body=NOTE)[0] == 401
        status, page = ask(gateway, "/desk")
        assert (status, STORY in page) == (200, False)
        assert ask(gateway, "/desk/me", EVE)[1]["roles"] == ["look"]

        assert ask(gateway, "/desk/plan", EVE, NOTE) == (403, "eve may not file: the token has look\n")
        kill = {"action": "kill", "uri": STORY}
        assert ask(gateway, "/desk/plan", BOB, kill) == (403, "bob may not withdraw: the token has file, look\n")
        assert ask(gateway, "/desk/plan", ADA, NOTE, Content_Type="text/plain")[0] == 415
        assert ask(gateway, "/desk/plan", ADA, NOTE, Sec_Fetch_Site="cross-site")[0] == 403
        for action in ("reclassify", "restore"):
            assert ask(gateway, "/desk/plan", ADA, {**NOTE, "action": action})[0] == 400
        assert ask(gateway, "/desk/plan", ADA, {**NOTE, "text": ""}) == (400, "give a note of 1 to 2,000 characters\n")

        status, made = ask(gateway, "/desk/plan", BOB, NOTE)
        assert (status, made["acts"], made["line"][:30]) == (200, True, f"note  {STORY} "[:30])
        act = {"plan": made["plan"], "why": "an error"}
        assert ask(gateway, "/desk/act", ADA, act)[0] == 409  # another person was shown this plan
        assert ask(gateway, "/desk/act", BOB, {**act, "why": " "})[0] == 400
        assert len(flow.read(settings, LOG)) == before
        status, done = ask(gateway, "/desk/act", BOB, act)
        assert status == 200
        assert ask(gateway, "/desk/act", BOB, act)[0] == 409
        wait_until(lambda: "note by bob" in flow.newswire(settings, "why", STORY).stdout.decode())

        def find_rows() -> list[object]:
            return [row["uri"] for row in ask(gateway, "/desk/lists/duplicates", EVE)[1]]

        wait_until(lambda: find_rows() == [COPY])
        shown = ask(gateway, f"/desk/item?uri={COPY}", EVE)[1]
        assert shown["event"]["bodies"][0]["value"].endswith("It said so.")
        assert any("words that only one has: It said so" in line for line in shown["lines"])

        plan = ask(gateway, "/desk/plan", ADA, kill)[1]["plan"]
        killed = ask(gateway, "/desk/act", ADA, {"plan": plan, "why": "x"})[1]
        wait_until(lambda: b"kill by ada" in flow.newswire(settings, "why", STORY).stdout)
        undo = {"action": "undo", "uri": killed["command"]}
        assert ask(gateway, "/desk/plan", BOB, undo)[0] == 403
        assert ask(gateway, "/desk/plan", ADA, undo)[1]["line"].startswith(f"undo  kill {killed['command']} of {STORY}")

        rows = [json.loads(line) for line in ask(gateway, "/desk/actions", EVE)[1].splitlines()]
        assert [(row["action"], row["evidence"]["by"], row["evidence"]["why"]) for row in rows] == [
            ("note", "bob", "an error"),
            ("kill", "ada", "x"),
        ]
        assert ask(gateway, "/desk/actions?from=2100-01-01T00:00:00Z", EVE)[1] == ""
        for wrong in ("yesterday", "2026-03-02T09:00:00"):
            assert ask(gateway, f"/desk/actions?from={wrong}", EVE)[0] == 400
        killed_at = datetime.fromisoformat(rows[1]["received"]).astimezone(timezone(timedelta(hours=-5)))
        for name, action in (("from", "kill"), ("to", "note")):
            query = urlencode({name: killed_at.isoformat()})
            found = ask(gateway, f"/desk/actions?{query}", EVE)[1].splitlines()
            assert [json.loads(line)["action"] for line in found] == [action]
        given = [one for row in flow.read(settings, LOG) if isinstance(one := decode(row.value or b""), Command)]
        assert [one.by for one in given] == ["bob", "ada"]
        assert done["command"] == given[0].id


def test_there_is_no_desk_where_it_is_not_switched_on(settings: Settings) -> None:
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    with run_ticker_gateway(settings) as gateway:
        for path in ("/desk", "/desk/me", "/desk/desk.js"):
            assert ask(gateway, path, ADA)[0] == 404
