"""An editor who gives commands of the desk while items come in, by the code of the command line."""

import asyncio
import random
import threading
from collections import Counter
from collections.abc import Callable, Coroutine

import msgspec
from support import topic_reader

from streams.config.settings import Settings
from streams.desk import records
from streams.desk.plan import (
    DeskPlan,
    plan_company,
    plan_join,
    plan_kills,
    plan_note,
    plan_refile,
    plan_release,
    plan_retitle,
)
from streams.desk.stories import StoryView
from streams.model.errors import WorkFailed
from streams.model.records import Command, CommandAction, Decision, Outcome
from streams.model.topics import CATEGORIES, DECISIONS
from streams.prepare.companies.reference import load_packaged

GAP = (0.4, 1.6)
"""Seconds between two commands, least and most."""
NAME = "chaos"
COMPANIES = ("XNAS:AAPL", "XNAS:MSFT", "XNYS:IBM", "XNYS:KO")
MOST_KILLED = 5
"""The most stories of one command `kill`."""
Make = Callable[[], Coroutine[None, None, list[DeskPlan]]]


class Editor(threading.Thread):
    """A thread that gives commands about the stories that the decisions name. The fold may find some of no use."""

    def __init__(self, settings: Settings, seed: int) -> None:
        super().__init__(daemon=True)
        self.given: Counter[str] = Counter()
        """Commands by action."""
        self.undone: Counter[str] = Counter()
        """Commands that were taken back, by action."""
        self._settings = settings
        self._rng = random.Random(seed)
        self._halt = threading.Event()
        self._reader = topic_reader.build_tail_consumer(settings, DECISIONS)
        self._decode = msgspec.json.Decoder(Decision).decode
        self._reference = load_packaged()
        self._live: list[str] = []
        self._waiting: list[str] = []
        self._copies: list[str] = []
        self._revisions: list[str] = []
        self._done: list[list[Command]] = []
        """What each act put into the log and may be taken back: one command, or those of a split."""

    def run(self) -> None:
        kinds: list[Make] = [
            self._refile,
            self._retitle,
            self._note,
            self._company,
            self._kill,
            self._release,
            self._join,
            self._split_copy,
            self._split_version,
        ]
        bag: list[Make] = []
        while not self._halt.wait(self._rng.uniform(*GAP)):
            self._read()
            if not bag:
                # As many are taken back as are given: each kind of command comes to its undo.
                bag = [*kinds, *[self._undo] * len(kinds)]
                self._rng.shuffle(bag)
            if self._live:
                self._give(bag.pop())

    def _give(self, make: Make) -> None:
        try:
            plans = [plan for plan in asyncio.run(make()) if plan.acts]
            commands = asyncio.run(records.append(self._settings, plans, NAME, "made up")) if plans else []
        except (WorkFailed, ValueError):
            return  # the broker is away, or the item is no copy any more: an editor would try again
        self.given.update(command.action for command in commands)
        if commands and commands[0].action not in (CommandAction.UNDO, CommandAction.RELEASE):
            self._done.append(commands)
        self.undone.update(command.detail["action"] for command in commands if command.action == CommandAction.UNDO)

    def _read(self) -> None:
        for message in self._reader.consume(5000, 0.5):
            if message.error():
                continue
            decision = self._decode(message.value() or b"")
            if decision.outcome is Outcome.PUBLISHED:
                self._live.append(decision.uri)
            elif decision.outcome is Outcome.WITHHELD:
                self._waiting.append(decision.uri)
            elif decision.outcome is Outcome.REVISED and decision.origin is not None:
                self._revisions.append(f"{decision.uri}/{decision.version}")
            elif decision.outcome is Outcome.DUPLICATE and "item" in decision.evidence:
                self._copies.append(str(decision.evidence["item"]))

    def _pick(self) -> StoryView:
        return StoryView(uri=self._rng.choice(self._live), version=1)

    async def _refile(self) -> list[DeskPlan]:
        one, other = self._rng.sample(sorted(CATEGORIES), 2)
        return [plan_refile(self._pick(), [one], [] if one.startswith(f"{other}.") else [other])]

    async def _retitle(self) -> list[DeskPlan]:
        return [plan_retitle(self._pick(), f"Headline {self._rng.randrange(1000)} of an editor")]

    async def _note(self) -> list[DeskPlan]:
        return [plan_note(self._pick(), f"Note {self._rng.randrange(1000)} of an editor")]

    async def _company(self) -> list[DeskPlan]:
        return [plan_company(self._pick(), [self._rng.choice(COMPANIES)], [], self._reference)]

    async def _kill(self) -> list[DeskPlan]:
        return plan_kills([self._pick() for _ in range(self._rng.randint(1, MOST_KILLED))], final=False)

    async def _release(self) -> list[DeskPlan]:
        if not self._waiting:
            return []
        uri = self._waiting.pop(self._rng.randrange(len(self._waiting)))
        return [plan_release(StoryView(uri=uri, withheld_until="2099-01-01T00:00:00Z"))]

    async def _join(self) -> list[DeskPlan]:
        one, other = self._pick(), self._pick()
        return [plan_join(one, other)] if one.uri != other.uri else []

    async def _split_copy(self) -> list[DeskPlan]:
        return await self._split(self._copies)

    async def _split_version(self) -> list[DeskPlan]:
        return await self._split(self._revisions)

    async def _split(self, names: list[str]) -> list[DeskPlan]:
        return await records.make_split_plans(self._settings, self._rng.choice(names)) if names else []

    async def _undo(self) -> list[DeskPlan]:
        """Takes back what is taken back least often by now, one of its newest."""
        if not self._done:
            return []
        rare = min(self._done, key=lambda commands: self.undone[commands[-1].action])
        at = max(at for at, each in enumerate(self._done) if each[-1].action == rare[-1].action)
        commands = self._done.pop(at)
        return await records.make_undo_plans(self._settings, [each.id for each in reversed(commands)])

    def halt(self) -> None:
        """Stops after the command that is being given."""
        self._halt.set()
        self.join(60)
        self._reader.close()
