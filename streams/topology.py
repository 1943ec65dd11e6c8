"""READ FIRST. Connects topics and stages, on one page.

    feeders -> news.raw --- prepare (map) ---> news.internal.items --- decide (fold) ---> news.latest, news.<category>
                                                 (the log)   ^              |-> news.duplicates
                                                             |              |-> news.dead-letters
                                                  commands --+              |-> news.withheld
                                                                            +-> news.decisions, news.internal.state

prepare (prepare/stage.py, pure) turns a raw record into log records, in any number of processes, at least once.
The log has one partition, which gives one order to everything that can change a story.
decide (decide/fold.py, pure) is the only writer of outcomes. Its state, outcomes and offset commit together.
Only the agents (worker/prepare_agent.py, worker/decide_agent.py) connect Faust with the pure core.
"""

import socket
from pathlib import Path

import faust

from streams.config.settings import Settings
from streams.kafka.acls import DECIDE_GROUP, PREPARE_GROUP
from streams.runtime.health import Health, name_client
from streams.worker import decide_agent as decide
from streams.worker import prepare_agent as prepare
from streams.worker.app import add_monitoring, make_app, watch_settings_file
from streams.worker.prepare_agent import PrepareStart


def prepare_app(start: PrepareStart, listener: socket.socket, member: str | None = None) -> faust.App:
    """Builds the app that reads news.raw and appends to the log. It answers HTTP at `listener`.

    With a `member` id it is a static member of its group: then its restart does not stop the other processes.
    """
    settings = start.accepted.settings
    app, health = make_app(settings, PREPARE_GROUP, member, name_client(PREPARE_GROUP, listener)), Health()
    prepare.attach(app, start, health)
    add_monitoring(app, settings, health, listener, "prepare")
    return app


def decide_app(settings: Settings, config: str | None, listener: socket.socket, folder: Path) -> faust.App:
    """Builds the app that reads the log and sends every outcome, with its state in this folder.

    It is never a static member: it leaves its group at once, so that a warm spare takes over at once.
    """
    app = make_app(settings, DECIDE_GROUP, client_id=name_client(DECIDE_GROUP, listener))
    health = Health()
    decide.attach(app, settings, health, folder)
    add_monitoring(app, settings, health, listener, "decide")
    watch_settings_file(app, settings, config, "decide")
    return app
