"""The order of a start: the pages first, what runs DAGs afterwards, and little spent on waiting."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from upkeep.demo import airflow, begin, servers, source_code
from upkeep.demo.begin import Demo
from upkeep.demo.state import State
from upkeep.demo.supervise import Program, Supervisor
from upkeep.errors import UpkeepError
from upkeep.sources.postgres import Endpoint

WHERE = Endpoint("127.0.0.1", 1, "u", "p", "d")


class Health:
    """What the stand-in for Airflow says; each look takes one more from the list of who is healthy."""

    def __init__(self) -> None:
        self.healthy: list[set[str]] = []
        self.asked = 0

    def said(self) -> dict[str, Any]:
        """The next answer; the last one is said again and again."""
        now = self.healthy[min(self.asked, len(self.healthy) - 1)]
        self.asked += 1
        return {key: {"status": "healthy" if name in now else None} for name, key in airflow.COMPONENTS.items()}


@pytest.fixture
def health(tmp_path: Path) -> Iterator[tuple[Health, State]]:
    """A stand-in for the API server, and the state of a demo that looks at it."""
    told = Health()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(told.said()).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    state = State.load(tmp_path)
    state.ports = {**state.ports, "airflow": server.server_address[1]}
    yield told, state
    server.shutdown()
    server.server_close()


def test_the_pages_are_waited_for_alone(health: tuple[Health, State]) -> None:
    told, state = health
    told.healthy = [set(), {"api-server"}]
    airflow.wait_until_healthy(state, lambda: None, airflow.PAGES)
    assert told.asked == 2


def test_all_are_waited_for_with_one_client(health: tuple[Health, State], monkeypatch: pytest.MonkeyPatch) -> None:
    told, state = health
    told.healthy = [{"api-server"}, {"api-server"}, {"api-server", "scheduler"}, {*airflow.COMPONENTS}]
    made: list[object] = []
    real = httpx.Client

    def client(**more: Any) -> httpx.Client:
        made.append(more)
        return real(**more)

    monkeypatch.setattr(httpx, "Client", client)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    airflow.wait_until_healthy(state, lambda: None)
    assert (told.asked, len(made)) == (4, 1)


def test_who_stays_ill_is_named(health: tuple[Health, State]) -> None:
    told, state = health
    told.healthy = [{"api-server", "scheduler", "triggerer"}]
    with pytest.raises(UpkeepError, match="Airflow's dag-processor did not become healthy in 0 s"):
        airflow.wait_until_healthy(state, lambda: None, timeout_s=0)


def test_nobody_answers_is_not_healthy(tmp_path: Path) -> None:
    state = State.load(tmp_path)
    state.ports = {**state.ports, "airflow": 1}
    with pytest.raises(UpkeepError, match="api-server"):
        airflow.wait_until_healthy(state, lambda: None, airflow.PAGES, timeout_s=0)
    with pytest.raises(UpkeepError, match="scheduler"):
        airflow.wait_until_healthy(state, lambda: None, airflow.REST, timeout_s=0)


@pytest.fixture
def order(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a start does, in order; nothing of it is done."""
    done: list[str] = []

    def note(name: str) -> Any:
        return lambda *_args, **_more: done.append(name)

    def started(_supervisor: Supervisor, _state: State, _told: Any, components: Any) -> None:
        done.extend(components)

    for module, names in {
        begin: ("_start_server", "_first_shop", "_spoilt_shop", "_start_slack"),
        source_code: ("make_once",),
        airflow: ("migrate_metadata", "wait_until_healthy"),
    }.items():
        for name in names:
            monkeypatch.setattr(module, name, note(name))
    monkeypatch.setattr(servers, "prepare_reports", lambda *_: WHERE)
    monkeypatch.setattr(begin, "_connections", lambda _: {})
    monkeypatch.setattr(Supervisor, "start", note("a program"))
    monkeypatch.setattr(airflow, "start", started)
    return done


def started(tmp_path: Path, *steps: str) -> Demo:
    state = State.load(tmp_path)
    state.settle_ports(print)
    for step in steps:
        state.mark(step)
    return begin.begin(tmp_path, state, Supervisor(print))


def test_the_pages_of_a_second_start_go_before_everything_else(order: list[str], tmp_path: Path) -> None:
    demo = started(tmp_path, begin.PLANTED)
    assert order[:4] == ["_start_server", "_start_server", "migrate_metadata", "api-server"]
    assert order[-1] == "wait_until_healthy"
    assert not {*airflow.REST} & {*order}
    begin.begin_rest(demo)
    assert order[-4:] == [*airflow.REST, "wait_until_healthy"]


def test_a_first_start_has_its_shop_before_any_of_airflow(order: list[str], tmp_path: Path) -> None:
    started(tmp_path)
    assert order.index("api-server") > order.index("_start_slack") > order.index("_spoilt_shop")
    assert order.count("api-server") == 1


def test_components_are_known_by_their_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs: list[Program] = []
    supervisor = Supervisor(print)
    monkeypatch.setattr(supervisor, "start", programs.append)
    state = State.load(tmp_path)
    state.settle_ports(print)
    airflow.start(supervisor, state, {}, airflow.PAGES)
    airflow.start(supervisor, state, {}, airflow.REST)
    assert sorted(program.args[3] for program in programs) == sorted(airflow.COMPONENTS)
