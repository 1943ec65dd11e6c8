"""The faults of three nodes: those of one broker's workers and network, and those that only a cluster can have."""

import random
from collections.abc import Callable

from chaos.faults import FAULTS, NODES, Ending, Fault, Faults
from chaos.nodes import ThreeNodes
from chaos.proxy import CLIENTS
from chaos.system import System

from streams.kafka.embedded.cluster import NUMBERS
from streams.model.topics import DECISIONS, LOG, RAW, STATE

Find = Callable[[ThreeNodes, System, random.Random], int | None]


def _get_nodes(system: System) -> ThreeNodes:
    assert isinstance(system.cluster, ThreeNodes)
    return system.cluster


def _leader(nodes: ThreeNodes, system: System, rng: random.Random) -> int | None:
    return nodes.find_leader(system.settings.topics.full(rng.choice((RAW, LOG, STATE, DECISIONS))))


def _kill(find: Find) -> Fault:
    """Kills the node that has a part to play. It is away for a moment, or for so long that others take its part."""

    def fault(_: Faults, system: System, rng: random.Random) -> Ending:
        nodes = _get_nodes(system)
        number = find(nodes, system, rng) or rng.choice(NUMBERS)
        nodes.kill(number)
        return Ending(rng.choice((rng.uniform(0, 1), rng.uniform(4, 8))), lambda: nodes.start_in_background([number]))

    return fault


def _kill_two(_: Faults, system: System, rng: random.Random) -> Ending:
    """Kills two nodes at once: no record can be written until one of them is back."""
    nodes, killed = _get_nodes(system), rng.sample(NUMBERS, 2)
    for number in killed:
        nodes.kill(number)
    return Ending(rng.uniform(0, 5), lambda: nodes.start_in_background(killed))


def _roll(_: Faults, system: System, rng: random.Random) -> None:
    """Restarts all nodes cleanly, one after the other."""
    _get_nodes(system).roll_in_background(rng.sample(NUMBERS, len(NUMBERS)))


def _freeze(_: Faults, system: System, rng: random.Random) -> Ending:
    """Stops a node with SIGSTOP for longer than its session: when it goes on it thinks for a moment that it leads."""
    nodes, number = _get_nodes(system), rng.choice(NUMBERS)
    nodes.freeze(number, frozen=True)
    return Ending(rng.uniform(4, 9), lambda: nodes.freeze(number, frozen=False))


def _isolate(*, from_clients: bool) -> Fault:
    """Cuts a leader off from the other nodes; clients may still reach it, and find a leader that leads nobody."""

    def fault(_: Faults, system: System, rng: random.Random) -> Ending:
        nodes, also = _get_nodes(system), CLIENTS if from_clients else ()
        number = _leader(nodes, system, rng) or rng.choice(NUMBERS)
        nodes.isolate(number, isolated=True, also=also)
        return Ending(rng.uniform(4, 12), lambda: nodes.isolate(number, isolated=False, also=also))

    return fault


def _fill_disk(_: Faults, system: System, rng: random.Random) -> Ending:
    nodes = _get_nodes(system)
    nodes.fill_disk()
    return Ending(rng.uniform(4, 10), nodes.empty_disk)


NODE_FAULTS: dict[str, tuple[str, Fault]] = {
    "kill leader": (NODES, _kill(_leader)),
    "kill group coordinator": (NODES, _kill(lambda nodes, *_: nodes.find_group_coordinator())),
    "kill transaction coordinator": (
        NODES,
        _kill(lambda nodes, system, _: nodes.find_transaction_coordinator(system.settings)),
    ),
    "kill controller": (NODES, _kill(lambda nodes, *_: nodes.find_controller())),
    "kill two": (NODES, _kill_two),
    "rolling restart": (NODES, _roll),
    "freeze node": (NODES, _freeze),
    "cut off leader": (NODES, _isolate(from_clients=True)),
    "leader of nobody": (NODES, _isolate(from_clients=False)),
    "full disk": (NODES, _fill_disk),
}
"""Kind of fault -> target and function: the faults that only a cluster can have."""
CLUSTER_FAULTS = {**{kind: fault for kind, fault in FAULTS.items() if fault[0] != "broker"}, **NODE_FAULTS}
"""All faults of a run with three nodes."""
NODE_KILLS = {
    "kill leader": 1,
    "kill group coordinator": 1,
    "kill transaction coordinator": 1,
    "kill controller": 1,
    "kill two": 2,
}
"""Kind of fault -> nodes that it kills."""
NODE_RESTARTS = {**NODE_KILLS, "rolling restart": len(NUMBERS)}
"""Kind of fault -> nodes that start again."""
