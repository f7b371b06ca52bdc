"""The programme run for real: DAGs switched on, runs followed through Airflow's REST API."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from upkeep.errors import UpkeepError

ENDED = {"success", "failed"}
DONE = {"success", "failed", "skipped", "upstream_failed", "removed"}
SCHEDULED_WITHIN_S = 90.0
KNOWN_WITHIN_S = 180.0
PAGE = 100


@dataclass
class Rest:
    """Airflow's REST API as one user; logs in again when its token has run out."""

    address: str
    user: str
    password: str = field(repr=False)
    _token: str = field(default="", repr=False)

    def call(self, method: str, path: str, content: Mapping[str, Any] | None = None) -> Any:
        """The answer's JSON, or None where there is no such thing. Raises UpkeepError for what Airflow refuses."""
        import httpx

        for _ in range(2):
            head = {"Authorization": f"Bearer {self._token}"} if self._token else {}
            response = httpx.request(method, f"{self.address}/api/v2/{path}", json=content, headers=head, timeout=60)
            if response.status_code != httpx.codes.UNAUTHORIZED:
                break
            self._log_in()
        if response.status_code == httpx.codes.NOT_FOUND:
            return None
        if response.is_error:
            raise UpkeepError(f"Airflow answers {response.status_code} to {method} {path}: {response.text[:300]}")
        return response.json()

    def listed(self, path: str, name: str) -> list[dict[str, Any]]:
        """
        Everything of a list, whose answers call it `name`. Airflow gives a page at a time, however many are asked for.

        Empty where there is no such thing.
        """
        found: list[dict[str, Any]] = []
        while True:
            page = self.call("GET", f"{path}{'&' if '?' in path else '?'}limit={PAGE}&offset={len(found)}")
            if page is None or not page[name]:
                return found
            found += page[name]
            if len(found) >= page["total_entries"]:
                return found

    def _log_in(self) -> None:
        import httpx

        response = httpx.post(f"{self.address}/auth/token", json={"username": self.user, "password": self.password}, timeout=60)
        if response.is_error:
            raise UpkeepError(f"Airflow refuses the login of {self.user}: {response.text[:300]}")
        self._token = response.json()["access_token"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is, in task instances."""

    state: str
    done: int
    total: int


def begin_run(rest: Rest, dag: str, mend: Callable[[], None]) -> str:
    """
    Switch a DAG on and give the id of the run to follow.

    At the first start that is the scheduled run, which Airflow makes by itself as soon as the DAG is on. Later, when no period
    has ended since, the last one is asked about again: its rows are replaced.
    """
    _wait_until_known(rest, dag, mend)
    newest = _newest_scheduled(rest, dag)
    if newest is None:
        _read_again(rest, dag, mend)
    rest.call("PATCH", f"dags/{dag}", {"is_paused": False})
    due = rest.call("GET", f"dags/{dag}")["next_dagrun_run_after"]
    if newest is None or (due and datetime.fromisoformat(due) <= datetime.now(UTC)):
        scheduled = _wait_for_scheduled(rest, dag, newest, mend)
        if scheduled:
            return scheduled
    window = {"from": newest["data_interval_start"], "to": newest["data_interval_end"]} if newest else {}
    return str(rest.call("POST", f"dags/{dag}/dagRuns", {"logical_date": None, "conf": window})["dag_run_id"])


def last_ended(rest: Rest, dag: str) -> str | None:
    """The id of its newest run that has ended, or None before the first has."""
    known = rest.call("GET", f"dags/{dag}/dagRuns?state=success&state=failed&order_by=-run_after&limit=1") or {"dag_runs": []}
    return next((str(run["dag_run_id"]) for run in known["dag_runs"]), None)


def progress(rest: Rest, dag: str, run: str) -> Progress:
    """How far it is now."""
    state = rest.call("GET", f"dags/{dag}/dagRuns/{run}")["state"]
    tasks = rest.listed(f"dags/{dag}/dagRuns/{run}/taskInstances?order_by=id", "task_instances")
    return Progress(state, sum(t["state"] in DONE for t in tasks), len(tasks))


def _wait_until_known(rest: Rest, dag: str, mend: Callable[[], None]) -> None:
    deadline = time.monotonic() + KNOWN_WITHIN_S
    while rest.call("GET", f"dags/{dag}") is None:
        errors = rest.listed("importErrors", "import_errors")
        if errors and time.monotonic() > deadline - KNOWN_WITHIN_S + 60:
            raise UpkeepError("a DAG file cannot be read:\n" + "\n".join(e["stack_trace"][-800:] for e in errors))
        if time.monotonic() > deadline:
            raise UpkeepError(f"Airflow has not found the DAG {dag} in {KNOWN_WITHIN_S:g} s; see .demo/logs/dag-processor.log")
        mend()
        time.sleep(1)


def _read_again(rest: Rest, dag: str, mend: Callable[[], None]) -> None:
    """
    Let Airflow read the DAG's file anew.

    The first run is of the period that had ended when the file was last read, and that may have been a minute too early.
    """
    known = rest.call("GET", f"dags/{dag}")
    rest.call("PUT", f"parseDagFile/{known['file_token']}")
    deadline = time.monotonic() + KNOWN_WITHIN_S
    while rest.call("GET", f"dags/{dag}")["last_parsed_time"] == known["last_parsed_time"]:
        if time.monotonic() > deadline:
            raise UpkeepError(
                f"Airflow has not read the DAG {dag} again in {KNOWN_WITHIN_S:g} s; see .demo/logs/dag-processor.log"
            )
        mend()
        time.sleep(0.5)


def _wait_for_scheduled(rest: Rest, dag: str, newest: Mapping[str, Any] | None, mend: Callable[[], None]) -> str | None:
    deadline = time.monotonic() + SCHEDULED_WITHIN_S
    while time.monotonic() < deadline:
        found = _newest_scheduled(rest, dag)
        if found and (newest is None or found["dag_run_id"] != newest["dag_run_id"]):
            return str(found["dag_run_id"])
        mend()
        time.sleep(1)
    return None


def _newest_scheduled(rest: Rest, dag: str) -> dict[str, Any] | None:
    found = rest.call("GET", f"dags/{dag}/dagRuns?run_type=scheduled&order_by=-run_after&limit=1")["dag_runs"]
    return found[0] if found else None
