"""The check of undos compares each with the table of before, and notices one that leaves something else."""

import msgspec
from chaos.undo_check import UndoCheck
from support.builders import LATER, STORY, FoldRunner, build_command, build_item, build_origin

from streams.decide.fold import apply
from streams.decide.state import Batch
from streams.model.records import DESK_FORMAT, Command, LogRecord
from streams.model.topics import LATEST


def build(action: str, detail: dict[str, object], id_: str) -> Command:
    return build_command(action, STORY, format=DESK_FORMAT, id=id_, detail=detail, why="made up")


RETITLE = build("retitle", {"title": "A mill", "ticker": "A mill"}, "c1")
UNDO = build("undo", {"command": "c1", "action": "retitle"}, "u1")


def check(*records: LogRecord, damage: bool = False) -> UndoCheck:
    """Folds records. `damage`: the last one sends another headline than the fold says."""
    fold, found = FoldRunner(), UndoCheck()
    for offset, record in enumerate(records):
        batch = Batch(fold.state)
        decision, effects = apply(batch, record, offset, fold.params)
        fold.state.merge(batch.changes)
        if damage and record is records[-1]:
            effects = tuple(
                msgspec.structs.replace(each, value=(each.value or b"").replace(b"Brookvale", b"Norwick"))
                if each.topic == LATEST
                else each
                for each in effects
            )
        found.add(record, decision, effects)
    return found


def test_an_undo_that_restores_the_table_is_counted() -> None:
    found = check(build_item(), RETITLE, UNDO)
    assert (found.compared, found.wrong) == ({"retitle": 1}, [])


def test_an_undo_that_leaves_another_headline_is_a_violation() -> None:
    found = check(build_item(), RETITLE, UNDO, damage=True)
    assert found.wrong == [f"the undo u1 of a retitle leaves {STORY} with other bodies, headlines, infoSources"]


def test_an_undo_after_a_newer_version_is_not_compared() -> None:
    newer = build_item(version="2", created=LATER, text="A new text of it.", at=build_origin(2))
    assert check(build_item(), RETITLE, newer, UNDO).compared == {}
