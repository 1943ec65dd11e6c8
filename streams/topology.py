"""READ FIRST. Topic -> stage -> topic, on one page.

    feeders -> news.raw --- prepare (map) ---> news.internal.items --- decide (fold) ---> news.latest, news.<category>
                                                 (the log)   ^              |-> news.duplicates
                                                             |              |-> news.dead-letters
                                                  commands --+              |-> news.withheld
                                                                            +-> news.decisions, news.internal.state

prepare (prepare/stage.py, pure) turns a raw record into log records, in as many processes as wanted, at least once.
The log has one partition: the one order of everything that can change a story.
decide (decide/fold.py, pure) is the only writer of outcomes; its state, outcomes and offset commit together.
The agents (worker/prepare_agent.py, worker/decide_agent.py) are the only place where Faust and the core meet.
"""

from pathlib import Path

import faust

from streams.config.settings import Settings
from streams.kafka.acls import DECIDE_GROUP, PREPARE_GROUP
from streams.prepare.stage import Knowledge
from streams.runtime.health import Health
from streams.worker import decide_agent as decide
from streams.worker import prepare_agent as prepare
from streams.worker.app import add_monitoring, make_app


def prepare_app(settings: Settings, knowledge: Knowledge, port: int, member: str | None = None) -> faust.App:
    """news.raw -> the log. A static member, where it has an id: its restart does not stop the others."""
    app, health = make_app(settings, PREPARE_GROUP, member), Health()
    prepare.attach(app, settings, knowledge, health)
    add_monitoring(app, settings, health, port, "prepare")
    return app


def decide_app(settings: Settings, port: int, folder: Path) -> faust.App:
    """The log -> every outcome, with its state in this folder.

    Never a static member: it leaves at once, so that a warm spare takes over at once.
    """
    app, health = make_app(settings, DECIDE_GROUP), Health()
    decide.attach(app, settings, health, folder)
    add_monitoring(app, settings, health, port, "decide")
    return app
