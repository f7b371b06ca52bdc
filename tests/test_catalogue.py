"""The catalogue of duties is what the code says."""

from pathlib import Path

from upkeep.answer import Answer
from upkeep.catalogue import catalogue
from upkeep.discovery import discover
from upkeep.duty import check
from upkeep.sources.postgres import Postgres
from upkeep.sources.rights import MONITOR
from upkeep.targets.database import Database
from upkeep.window import Cadence, Window


@check(Cadence.WEEKLY, owner="database", needs=(MONITOR,))
def things(db: Database, pg: Postgres, window: Window, *, high_share: float = 0.5, asked: bool = True) -> Answer:  # noqa: ARG001
    """
    Things | that are wrong.

    They matter because of this and that.
    """
    return Answer.judged("fine")


def test_everything_about_a_duty_is_there() -> None:
    text = catalogue([things])
    for case in (
        "| [things](#things) | Things \\| that are wrong | check, dated |",
        "## Weekly",
        "### tests",
        "#### things",
        "**Things | that are wrong.**",
        "They matter because of this and that.",
        "*check, dated, asked of databases, owned by database*",
        "| `high_share` | `0.5` |",
        "| `asked` | `true` |",
        "- `grant pg_monitor to upkeep;` shows other sessions",
    ):
        assert case in text, case


def test_the_catalogue_is_up_to_date() -> None:
    committed = (Path(__file__).parents[1] / "docs/catalogue.md").read_text(encoding="utf-8")
    assert committed == catalogue(discover()), "run `upkeep catalogue` and commit docs/catalogue.md"
