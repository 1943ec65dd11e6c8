"""An editor who gives commands of the desk while items come in, by the code of the command line."""

import asyncio
import random
import threading
from collections import Counter
from collections.abc import Callable, Coroutine

import msgspec
from support import topic_reader

from streams.config.settings import Settings
from streams.desk import log as desk_log
from streams.desk.plan import DeskPlan, plan_join, plan_kills, plan_note, plan_refile, plan_retitle
from streams.desk.stories import StoryView
from streams.model.errors import WorkFailed
from streams.model.records import Decision, Outcome
from streams.model.topics import CATEGORIES, DECISIONS

GAP = (0.4, 1.6)
"""Seconds between two commands, least and most."""
NAME = "chaos"


class Editor(threading.Thread):
    """A thread that gives commands about the stories that the decisions name. The fold may find some of no use."""

    def __init__(self, settings: Settings, seed: int) -> None:
        super().__init__(daemon=True)
        self.given: Counter[str] = Counter()
        """Commands by action."""
        self._settings = settings
        self._rng = random.Random(seed)
        self._halt = threading.Event()
        self._reader = topic_reader.build_tail_consumer(settings, DECISIONS)
        self._decode = msgspec.json.Decoder(Decision).decode
        self._live: list[str] = []
        self._copies: list[str] = []
        self._commands: list[str] = []
        """Ids of commands that are not undone."""

    def run(self) -> None:
        kinds = [self._refile, self._retitle, self._note, self._kill, self._join, self._split, self._undo]
        bag: list[Callable[[], Coroutine[None, None, DeskPlan | None]]] = []
        while not self._halt.wait(self._rng.uniform(*GAP)):
            self._read()
            if not bag:
                bag = list(kinds)
                self._rng.shuffle(bag)
            if self._live:
                self._give(bag.pop())

    def _give(self, make: Callable[[], Coroutine[None, None, DeskPlan | None]]) -> None:
        try:
            plan = asyncio.run(make())
            if plan is not None and plan.acts:
                (command,) = asyncio.run(desk_log.append(self._settings, [plan], NAME, "made up"))
                self.given[plan.action.value] += 1
                self._commands += [command.id] if plan.action != "undo" else []
        except (WorkFailed, ValueError):
            return  # the broker is away, or the item is no copy any more: an editor would try again

    def _read(self) -> None:
        for message in self._reader.consume(5000, 0.5):
            if message.error():
                continue
            decision = self._decode(message.value() or b"")
            if decision.outcome is Outcome.PUBLISHED:
                self._live.append(decision.uri)
            elif decision.outcome is Outcome.DUPLICATE and "item" in decision.evidence:
                self._copies.append(str(decision.evidence["item"]))

    def _pick(self) -> StoryView:
        return StoryView(uri=self._rng.choice(self._live), version=1)

    async def _refile(self) -> DeskPlan:
        one, other = self._rng.sample(sorted(CATEGORIES), 2)
        return plan_refile(self._pick(), [one], [] if one.startswith(f"{other}.") else [other])

    async def _retitle(self) -> DeskPlan:
        return plan_retitle(self._pick(), f"Headline {self._rng.randrange(1000)} of an editor")

    async def _note(self) -> DeskPlan:
        return plan_note(self._pick(), f"Note {self._rng.randrange(1000)} of an editor")

    async def _kill(self) -> DeskPlan:
        (plan,) = plan_kills([self._pick(), self._pick()], final=False)
        return plan

    async def _join(self) -> DeskPlan | None:
        one, other = self._pick(), self._pick()
        return plan_join(one, other) if one.uri != other.uri else None

    async def _split(self) -> list[DeskPlan]:
        return await desk_log.make_split_plans(self._settings, self._rng.choice(self._copies)) if self._copies else []

    async def _undo(self) -> DeskPlan | None:
        if not self._commands:
            return None
        command = self._commands.pop(self._rng.randrange(len(self._commands)))
        return await desk_log.make_undo_plan(self._settings, command)

    def halt(self) -> None:
        """Stops after the command that is being given."""
        self._halt.set()
        self.join(60)
        self._reader.close()
