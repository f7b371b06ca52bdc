"""Duties are what their functions say, and are found without being listed."""

import subprocess
import sys

from upkeep.answer import Answer
from upkeep.duty import History, check, job, review
from upkeep.sources.postgres import Postgres
from upkeep.sources.rights import MONITOR
from upkeep.targets.database import Database
from upkeep.window import Cadence, Window


@check(Cadence.WEEKLY, owner="database", needs=(MONITOR,))
def living(db: Database, pg: Postgres, history: History, *, share: float = 0.5, names: str = "a,b") -> Answer:  # noqa: ARG001
    """
    Things that live.

    They do.
    """
    return Answer.judged("fine")


@job(Cadence.MONTHLY, owner="platform")
def dated(db: Database, window: Window) -> Answer:
    """Something of the past."""
    return Answer.judged(f"{db.name} in {window}")


@review(Cadence.QUARTERLY, owner="platform")
def asked(db: Database) -> Answer:
    """Somebody looks."""
    return Answer.judged(db.name)


def test_everything_comes_from_the_function() -> None:
    assert (living.kind, living.name, living.area, living.cadence) == ("check", "living", "tests", Cadence.WEEKLY)
    assert (living.owner, living.target, living.needs) == ("database", Database, (MONITOR,))
    assert living.title == "Things that live"
    assert living.text == "Things that live.\n\nThey do."
    assert living.thresholds == {"share": 0.5, "names": "a,b"}
    assert living.takes == {"pg": Postgres, "history": History}


def test_a_window_makes_it_dated() -> None:
    assert not living.dated
    assert dated.dated
    assert (dated.kind, asked.kind) == ("job", "review")


def test_finding_duties_imports_nothing_heavy() -> None:
    heavy = ("airflow", "psycopg", "pandas", "great_expectations", "httpx", "slack_sdk")
    code = f"import sys; from upkeep.discovery import discover; discover(); print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]", "every task start pays for this import: move it into the function that needs it"
