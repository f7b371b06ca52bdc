"""`python -m upkeep.demo`: everything on this machine, and the programme run on a small production system."""

import argparse
import contextlib
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import FrameType

from upkeep.demo import airflow, servers
from upkeep.demo.begin import Demo, begin, begin_rest, wait_for_end_of_day
from upkeep.demo.found import done, findings, shop_rotation, unknowns
from upkeep.demo.logins import said, tried
from upkeep.demo.planted import Found
from upkeep.demo.runs import Rest, begin_run, last_ended, progress
from upkeep.demo.show import console, follow, jobs, say, stage, table, verdict, where
from upkeep.demo.state import HOME, State, locked
from upkeep.demo.supervise import Supervisor
from upkeep.demo.temporary import own_temporary_folder
from upkeep.demo.web import watched
from upkeep.demo.web.settings import NAME
from upkeep.errors import UpkeepError

CADENCES = ("backups", "daily", "weekly", "monthly", "quarterly")
COMMAND = Path(sys.executable).with_name("upkeep")


def main() -> int:
    """Start, run, show, and stay until Ctrl-C; with --once the exit code says whether what was planted is what was found."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="end after the table; exit code 0 only if it is as expected")
    parser.add_argument("--clean", action="store_true", help="remove the demo's data")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)
    try:
        return _clean(HOME) if given.clean else _run(HOME, once=given.once)
    except UpkeepError as error:
        console.print(f"[red]✗[/] {error}", soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        # Ctrl-C is how the demo ends, and make would call any other code an error.
        return 130 if given.once else 0


def _run(home: Path, *, once: bool) -> int:
    servers.refuse_hidden_folder(home)
    home.mkdir(exist_ok=True)
    lock = locked(home)
    state = State.load(home)
    state.settle_ports(say)
    with own_temporary_folder(home), _ended_visibly(Supervisor(say, lock)) as supervisor:
        demo = begin(home, state, supervisor)
        as_expected = _show_again(demo) or _show_first(demo)
        while not once:
            supervisor.mend()
            time.sleep(1)
    return 0 if as_expected else 1


def _show_first(demo: Demo) -> bool:
    """Run the programme and show what it found; whether that is what was planted."""
    begin_rest(demo)
    say(f"The pages are at {airflow.base_url(demo.state)} already: {_login(demo)}")
    wait_for_end_of_day(demo)
    say("Five runs follow, one after the other, each as Airflow would make it; together they take some minutes")
    found = _show([_run_dag(demo, cadence) for cadence in CADENCES], demo, "What the programme found")
    say(f"The shop's login: {said(tried(demo.tries), *shop_rotation(demo.store))}")
    as_planted = verdict(found)
    where(_places(demo))
    return as_planted


def _show_again(demo: Demo) -> bool:
    """Show what the newest runs found, when there are any: what people have mended since, or what is new, is no fault of it."""
    rest = _rest(demo)
    ended = [run for cadence in CADENCES if (run := last_ended(rest, cadence))]
    if len(ended) < len(CADENCES):
        return False
    _show(ended, demo, "What the newest runs found")
    where(_places(demo))
    begin_rest(demo)
    say("Airflow begins by itself what has become due meanwhile; to ask again now, trigger daily in its pages")
    return True


def _show(runs: list[str], demo: Demo, title: str) -> list[Found]:
    found = findings(demo.store, runs)
    table(found, unknowns(demo.store, runs), title)
    jobs(done(demo.store, runs))
    return found


def _run_dag(demo: Demo, dag: str) -> str:
    rest, mend = _rest(demo), demo.supervisor.mend
    with stage(f"The {dag} DAG is switched on, and its run has begun"):
        run = begin_run(rest, dag, mend)
    follow(f"The {dag} run", lambda: progress(rest, dag, run), mend)
    return run


def _rest(demo: Demo) -> Rest:
    return Rest(airflow.base_url(demo.state), "admin", demo.state.secret("airflow admin"))


def _login(demo: Demo) -> str:
    return f"user admin, password {demo.state.secret('airflow admin')}"


def _places(demo: Demo) -> list[tuple[str, str]]:
    state, store = demo.state, demo.store
    return [
        (
            "Airflow",
            f"{airflow.base_url(state)} ({_login(demo)}; may look only: user viewer)",
        ),
        ("Slack", f"http://127.0.0.1:{state.ports['slack']}"),
        ("Report tables", f"{demo.psql(store)} (schema upkeep)"),
        (
            "To read them",
            _reader(demo),
        ),
        *([("Prometheus", f"{watched.url(state)} (reads {NAME})")] if watched.installed() else []),
        ("The shop", demo.psql(demo.production.endpoint("shop"))),
        (
            "Commands",
            f"make doctor DEMO=1; others after `. {airflow.environment_file(state)}`, such as {COMMAND} ask sequences shop",
        ),
        ("Passwords", str(state.file)),
        ("Logs", str(demo.home / "logs")),
        ("To end it", "Ctrl-C; the next `make demo` goes on with its data, `make clean` removes it"),
    ]


def _reader(demo: Demo) -> str:
    password = demo.state.secret(f"{servers.READER} database")
    return f"{demo.psql(replace(demo.store, user=servers.READER))} (password {password}); worked queries: docs/queries"


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
