"""Evidence of restores: what was tested, with hashes that change when anything of it does."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.drills.stored import a_test, put
from tests.lab import Lab
from upkeep.reports.documents.restore_evidence import Line, document_sum, restore_evidence, sum_of
from upkeep.reports.report import publish_reports
from upkeep.sources.rows import Rows
from upkeep.store.migrate import migrate
from upkeep.window import Cadence, Window

MONTH = Window(datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC))
AT = datetime(2026, 11, 1, 0, 9, tzinfo=UTC)


@pytest.fixture
def store(lab: Lab) -> Lab:
    """A report database."""
    migrate(lab.endpoint)
    return lab


def lines(lab: Lab) -> list[Line]:
    from upkeep.reports.documents import restore_evidence as asker

    with lab.endpoint.connect("read") as connection:
        return Rows(connection)(asker.__file__, Line, {"start": MONTH.start, "end": MONTH.end})


def test_a_month_without_a_test_has_no_document(store: Lab) -> None:
    assert restore_evidence.make(Rows(store.session()), MONTH) is None


def test_it_names_everything_by_its_hash_and_says_the_same_again(store: Lab) -> None:
    put(store, "shop", MONTH, [a_test(AT), a_test(AT, backup_id="older", chosen_as="rotation", result="whole")])
    report = restore_evidence.make(Rows(store.session()), MONTH)
    assert report is not None
    found = lines(store)
    assert report.headline == f"2 of 2 backups found whole, 1 of them by a restore; document {document_sum(found)}"
    hashes = report.sections[1].rows
    assert hashes[0][2:5] == (found[0].sha256, "cd" * 32, sum_of({"rows/1.copy.zst": "ab" * 32}))
    assert document_sum(found) == hashlib.sha256("\n".join(row[2] for row in hashes).encode()).hexdigest()
    assert restore_evidence.make(Rows(store.session()), MONTH) == report
    assert report.sections[2].rows == (
        ("shop", found[0].backup_id, "orders", "right", "500"),
        ("shop", "older", "orders", "right", "500"),
    )


@pytest.mark.parametrize(
    "changed",
    [{"rows": 1}, {"message": "other"}, {"objects": {"rows/1": "ac" * 32}}, {"recovery_point": AT}, {"result": "differs"}],
)  # fmt: skip
def test_the_sum_changes_with_anything_of_it(store: Lab, changed: dict[str, object]) -> None:
    put(store, "shop", MONTH, [a_test(AT)])
    line = lines(store)[0]
    assert replace(line, **changed).sha256 != line.sha256  # type: ignore[arg-type]
    assert document_sum([replace(line, **changed)]) != document_sum([line])  # type: ignore[arg-type]


def test_it_is_kept_as_markdown_and_json_with_its_hashes(store: Lab) -> None:
    put(store, "shop | ä", MONTH, [a_test(AT)])
    with store.endpoint.connect("publish") as connection:
        publish_reports(connection, Cadence.MONTHLY, MONTH)
        row = connection.execute("select markdown, content from upkeep.report where name = 'restore_evidence'").fetchone()
    assert row is not None
    whole = document_sum(lines(store))
    assert whole in row[0]
    assert whole in str(row[1])
    assert "shop \\| ä" in row[0]
    assert "cd" * 32 in row[0]
