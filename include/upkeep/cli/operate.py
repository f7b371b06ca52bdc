"""Commands that change something: the schema, Airflow's runs, the demo."""

import argparse
import runpy
import shlex
import subprocess
import sys
from datetime import timedelta

from upkeep.cli.given import the_inventory, the_window
from upkeep.cli.out import WELL, say
from upkeep.discovery import discover
from upkeep.errors import UpkeepError
from upkeep.window import Cadence, Window


def migrate(_: argparse.Namespace) -> int:
    """Apply what is missing in the report database."""
    from upkeep.airflow_bridge import connections
    from upkeep.store.migrate import migrate as apply

    done = apply(connections.store())
    say("\n".join(f"applied {name}" for name in done) or "nothing to do: every migration is applied")
    return WELL


def backfill(given: argparse.Namespace) -> int:
    """Show the backfill of a cadence and, with --run, start it. Needs to stand where `airflow` commands work."""
    if not Cadence(given.cadence).has_past:
        raise UpkeepError(f"{given.cadence} cannot be run for the past: trigger the DAG {given.cadence} to run it now")
    window = the_window(given, the_inventory())
    due = [duty for duty in discover() if duty.cadence == given.cadence]
    dated = sum(duty.dated for duty in due)
    say(f"{given.cadence} for {window}: {dated} duties answer about the past, {len(due) - dated} say present only")
    command = backfill_command(given.cadence, window) if window else []
    say(shlex.join(["airflow", *command]))
    if not given.really:
        say("add --run to start it, or use the backfill form of the DAG in Airflow's pages")
        return WELL
    return subprocess.run([sys.executable, "-m", "airflow", *command], check=False).returncode  # noqa: S603 - our own words


def backfill_command(dag_id: str, window: Window) -> list[str]:
    """
    Words for `airflow`: windows that begin inside, one after the other, those that have run before too.

    Airflow includes the last moment, we do not: the end is a second earlier.
    """
    last = window.end - timedelta(seconds=1)
    return [
        "backfill", "create", "--dag-id", dag_id, "--from-date", window.start.isoformat(), "--to-date", last.isoformat(),
        "--max-active-runs", "1", "--reprocess-behavior", "completed",
    ]  # fmt: skip


def demo(_: argparse.Namespace) -> int:
    """What `make demo` starts."""
    sys.argv = ["upkeep demo"]
    runpy.run_module("upkeep.demo", run_name="__main__")
    return WELL
