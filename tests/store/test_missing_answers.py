"""Silence is not green: whoever did not answer is unknown."""

from tests.store.conftest import PROVENANCE, Store, breach, day
from upkeep.checks.database.sequences import sequences
from upkeep.config.inventory import Inventory
from upkeep.config.settings import Person, Settings
from upkeep.store.answers import Provenance
from upkeep.store.missing_answers import store_missing_answers
from upkeep.store.sync_definitions import declare
from upkeep.targets.database import Database
from upkeep.window import Cadence

SHOP, OTHER = (Database(name=name, owner="dba", connection="x") for name in ("shop", "other"))
EXPECTED = [(sequences, SHOP), (sequences, OTHER)]
CALLER = Provenance("daily", "scheduled__1", "missing_answers", -1, 1, PROVENANCE.asked_at, 0)


def test_who_did_not_answer_is_unknown(store: Store) -> None:
    store.put(breach("public.a"))
    assert store_missing_answers(store.connection, Cadence.DAILY, day(0), EXPECTED, CALLER) == [(sequences, OTHER)]
    told = store.rows("select target, status::text, summary, task_id from upkeep.answer order by target")
    assert told[0] == ("other", "unknown", "no answer: its task was killed, timed out or never ran", "missing_answers")
    assert told[1][1] == "breach"


def test_again_finds_nobody(store: Store) -> None:
    assert len(store_missing_answers(store.connection, Cadence.DAILY, day(0), EXPECTED, CALLER)) == 2
    assert store_missing_answers(store.connection, Cadence.DAILY, day(0), EXPECTED, CALLER) == []


def test_silence_keeps_a_finding_open(store: Store) -> None:
    store.put(breach("public.a"))
    store_missing_answers(store.connection, Cadence.DAILY, day(1), EXPECTED, CALLER)
    assert store.value("select state from upkeep.finding_life") == "open"


def test_missing_names_pairs_and_lonely_ones(store: Store) -> None:
    people = (Person(name="dba", role="database-on-call", slack="U012AB3CD"),)
    inventory = Inventory(settings=Settings(people=people), targets=(SHOP, OTHER))
    ask = "select duty, target, why from upkeep.missing_answer order by 1, 2, 3"
    declare(store.connection, inventory, ())
    assert [row[:2] for row in store.rows(ask)] == [(None, "other"), (None, "shop")]
    declare(store.connection, Inventory(settings=inventory.settings, targets=()), [sequences])
    assert store.rows(ask) == [("sequences", None, "no target of its kind (databases)")]
    declare(store.connection, inventory, [sequences])
    assert {row[2] for row in store.rows(ask)} == {"its cadence has never run"}
    words = (day(0).start, day(0).end, PROVENANCE.asked_at)
    store.run(
        """insert into upkeep.run (cadence, window_start, window_end, dag_id, run_id, run_type, thread, started_at)
           values ('daily', %s, %s, 'daily', 'r', 'scheduled', 'c', %s)""",
        words,
    )
    store.put(breach("public.a"))
    assert store.rows(ask) == [("sequences", "other", "no answer in the newest window")]
    store_missing_answers(store.connection, Cadence.DAILY, day(0), EXPECTED, CALLER)
    assert store.rows(ask) == []
