"""`python -m upkeep.demo`: everything on this machine, and the programme run on a small production system."""

import argparse
import contextlib
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from upkeep.demo import airflow, servers
from upkeep.demo.begin import Demo, begin, wait_for_end_of_day
from upkeep.demo.found import findings, unknowns
from upkeep.demo.runs import Rest, begin_run, progress
from upkeep.demo.show import console, follow, say, stage, table, verdict, where
from upkeep.demo.state import HOME, State, locked
from upkeep.demo.supervise import Supervisor
from upkeep.errors import UpkeepError


def main() -> int:
    """Start, run, show, and stay until Ctrl-C; the exit code says whether what was planted is what was found."""
    words = argparse.ArgumentParser(prog="make demo", description=__doc__)
    words.add_argument("--once", action="store_true", help="end after the table; exit code 0 only if it is as expected")
    words.add_argument("--clean", action="store_true", help="remove the demo's data")
    given = words.parse_args()
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)
    try:
        return _clean(HOME) if given.clean else _run(HOME, once=given.once)
    except UpkeepError as error:
        console.print(f"[red]✗[/] {error}", soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        return 130


def _run(home: Path, *, once: bool) -> int:
    servers.refuse_hidden_folder(home)
    home.mkdir(exist_ok=True)
    lock = locked(home)
    state = State.load(home)
    state.settle_ports(say)
    with _ended_visibly(Supervisor(say, lock)) as supervisor:
        demo = begin(home, state, supervisor)
        wait_for_end_of_day(demo)
        ran = [_run_dag(demo, cadence) for cadence in ("backups", "daily", "weekly")]
        found = findings(demo.store, ran)
        table(found, unknowns(demo.store, ran))
        as_expected = verdict(found)
        where(_places(demo))
        while not once:
            supervisor.mend()
            time.sleep(1)
    return 0 if as_expected else 1


def _run_dag(demo: Demo, dag: str) -> str:
    rest, mend = Rest(airflow.base_url(demo.state), "admin", demo.state.secret("airflow admin")), demo.supervisor.mend
    with stage(f"The {dag} DAG is switched on, and its run has begun"):
        run = begin_run(rest, dag, mend)
    follow(f"The {dag} run", lambda: progress(rest, dag, run), mend)
    return run


def _places(demo: Demo) -> list[tuple[str, str]]:
    state, store = demo.state, demo.store
    return [
        (
            "Airflow",
            f"{airflow.base_url(state)} (user admin, password {state.secret('airflow admin')}; may look only: user viewer)",
        ),
        ("Slack", f"http://127.0.0.1:{state.ports['slack']}"),
        ("Report tables", f"{demo.psql(store)} (schema upkeep)"),
        ("The shop", demo.psql(demo.production.endpoint("shop"))),
        ("Passwords", str(state.file)),
        ("Logs", str(demo.home / "logs")),
        ("To end it", "Ctrl-C; the next `make demo` goes on with its data, `make clean` removes it"),
    ]


@contextlib.contextmanager
def _ended_visibly(supervisor: Supervisor) -> Iterator[Supervisor]:
    with supervisor:
        try:
            yield supervisor
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            with stage("Ending everything that was started"):
                supervisor.end()


def _clean(home: Path) -> int:
    if home.exists():
        os.close(locked(home))
        shutil.rmtree(home)
    return 0


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
