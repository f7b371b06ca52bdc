"""Following runs through Airflow's REST API: a list is read to its end, whatever the size of its pages."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from upkeep.demo.runs import Progress, Rest, progress

AIRFLOW_GIVES_AT_MOST = 100


@contextmanager
def airflow(things: Mapping[str, list[dict[str, Any]]], page: int = AIRFLOW_GIVES_AT_MOST) -> Iterator[tuple[Rest, list[str]]]:
    """An API of which lists end after a page, as Airflow's do; and what it was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
            name = path.rpartition("/")[2]
            body: Any = {"state": "running"}
            if name in things:
                first = int(query.get("offset", ["0"])[0])
                last = first + min(page, int(query.get("limit", ["50"])[0]))
                key = {"taskInstances": "task_instances", "importErrors": "import_errors"}[name]
                body = {key: things[name][first:last], "total_entries": len(things[name])}
            content = json.dumps(body).encode()
            self.send_response(404 if name == "nothing" else 200)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield Rest(f"http://127.0.0.1:{server.server_port}", "admin", "secret"), asked
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 250])
@pytest.mark.parametrize("page", [AIRFLOW_GIVES_AT_MOST, 30])
def test_progress_counts_every_task_instance(count: int, page: int) -> None:
    tasks = [{"state": "success" if index % 2 else "running"} for index in range(count)]
    with airflow({"taskInstances": tasks}, page) as (rest, _):
        assert progress(rest, "daily", "one") == Progress("running", count // 2, count)


def test_no_more_is_asked_than_there_is() -> None:
    with airflow({"taskInstances": [{"state": "success"}] * 200}) as (rest, asked):
        progress(rest, "daily", "one")
        assert len([path for path in asked if "taskInstances" in path]) == 2


def test_import_errors_are_read_to_their_end_too() -> None:
    with airflow({"importErrors": [{"stack_trace": str(index)} for index in range(150)]}) as (rest, _):
        assert len(rest.listed("importErrors", "import_errors")) == 150


def test_a_list_that_is_not_there_is_empty() -> None:
    with airflow({}) as (rest, _):
        assert rest.listed("nothing", "nothings") == []


def test_a_list_that_shrinks_meanwhile_ends() -> None:
    class Shrinking(Rest):
        def call(self, method: str, path: str, content: Mapping[str, Any] | None = None) -> Any:
            del method, content
            return {"things": [{}] * 100 if "offset=0" in path else [], "total_entries": 150}

    assert len(Shrinking("", "", "").listed("things", "things")) == 100
