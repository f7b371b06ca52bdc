"""The data dictionary says what the database is, and the database says all of it."""

from pathlib import Path

from tests.store.conftest import Store
from upkeep.store.dictionary import data_dictionary, undescribed

DOCUMENT = Path(__file__).parents[2] / "docs" / "data-dictionary.md"


def test_everything_has_a_comment(store: Store) -> None:
    assert undescribed(store.connection) == []


def test_the_document_is_the_database(store: Store) -> None:
    made = data_dictionary(store.connection)
    assert DOCUMENT.read_text(encoding="utf-8") == made, "make it anew with: python -m upkeep.store.dictionary"


def test_a_column_without_a_comment_is_noticed(store: Store) -> None:
    store.run("alter table upkeep.report add column secretive text")
    try:
        assert undescribed(store.connection) == ["report.secretive"]
    finally:
        store.run("alter table upkeep.report drop column secretive")


def test_partitions_are_not_listed(store: Store) -> None:
    before = data_dictionary(store.connection)
    store.run("select upkeep.ensure_metric_month('2031-01-01')")
    assert data_dictionary(store.connection) == before
