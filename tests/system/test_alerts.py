"""Three alerts on the real system with a real Prometheus: a quiet feed, a stuck worker, an unreachable broker.

The rules are those of deploy/, except that their `for:` is a second.
"""

import signal
import urllib.parse
from pathlib import Path

import pytest
from support import flow
from support.grafana import GRAFANA
from support.processes import free_ports, run_gateway, wait_until_ready
from support.prometheus import assert_metrics_lint, list_prepare_children, run_prometheus

from streams.config.loader import load
from streams.kafka.embedded import broker

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]


def test_a_quiet_feed_a_stuck_worker_and_an_unreachable_broker_raise_their_alerts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSWIRE_SOURCES__PRNEWSWIRE__QUIET_MINUTES", "0.1")
    monkeypatch.setenv("NEWSWIRE_PREPARE__ITEM_SECONDS", "600")
    first = free_ports(4)
    worker_ports, gateway_port = [first, first + 1], first + 2
    with broker.start(tmp_path / "kafka") as kafka:
        settings = load(environ={"NEWSWIRE_KAFKA": kafka.address, "NEWSWIRE_WORKER__SESSION_SECONDS": "2"})
        assert flow.newswire(settings, "topics", "apply").returncode == 0
        worker = flow.Worker(settings, tmp_path / "worker.log", "--http", str(first))
        try:
            with (
                run_gateway(settings, gateway_port),
                run_prometheus(tmp_path, first + 3, {"worker": worker_ports, "gateway": [gateway_port]}) as watched,
            ):
                item = b'{"id": "1", "title": "Norwick Pumps opens a new factory"}'
                flow.wait_decided(settings, flow.send(settings, [(item, {"source": "prnewswire"})]))
                wait_until_ready(*worker_ports, gateway_port)
                for port in (*worker_ports, gateway_port):
                    assert_metrics_lint(flow.http_get(port, "/metrics")[1])
                watched.wait_firing(("NewswireFeedQuiet", "prnewswire"))
                for query in GRAFANA["queries"]():
                    watched.query_api(f"query?{urllib.parse.urlencode({'query': query})}")
                # The first item waits for the worker to start.
                assert {alert for alert, _ in watched.list_firing()} <= {"NewswireFeedQuiet", "NewswireSlow"}

                for child in (stopped := list_prepare_children(worker)):
                    child.send_signal(signal.SIGSTOP)
                assert stopped
                flow.send(settings, [(item.replace(b'"1"', b'"2"'), {"source": "prnewswire"})])
                watched.wait_firing(("NewswireWorkerStuck", "prepare"))
                for child in stopped:
                    child.send_signal(signal.SIGCONT)
                flow.wait_decided(settings, 2)

                kafka.kill()
                watched.wait_firing(("NewswireBrokerDown", ""))
        finally:
            worker.kill()
