"""What is written for each version, and never anything that waits or rewrites."""

from itertools import product

import pytest

from upkeep.maintenance.statements import Way, analyze, vacuum

SCHEMA, NAME = "Shop ä", 'or"der'


def vacuumed(version: int, buffer_mb: int = 2, **more: bool) -> str:
    return vacuum(Way(version, buffer_mb, 1), SCHEMA, NAME, **more).as_string(None)


def analyzed(version: int, buffer_mb: int = 2, **more: bool) -> str:
    return analyze(Way(version, buffer_mb), SCHEMA, NAME, **more).as_string(None)


@pytest.mark.parametrize(
    ("version", "limit"), [(15, ""), (16, ", buffer_usage_limit '2 MB'"), (18, ", buffer_usage_limit '2 MB'")]
)
def test_the_cache_is_spared_where_the_server_can(version: int, limit: str) -> None:
    assert vacuumed(version) == f'vacuum (verbose, skip_locked, parallel 1{limit}) "Shop ä"."or""der"'
    assert analyzed(version) == f'analyze (verbose, skip_locked{limit}) "Shop ä"."or""der"'


def test_without_a_limit_the_servers_own_counts() -> None:
    assert "buffer" not in vacuumed(18, 0) + analyzed(18, 0)


def test_without_cutting_off_its_end() -> None:
    assert ", truncate false" in vacuumed(18, truncate=False)
    assert "truncate" not in vacuumed(18)


@pytest.mark.parametrize(("version", "there"), [(15, False), (16, True)])
def test_toast_alone_where_the_server_can(version: int, there: bool) -> None:  # noqa: FBT001 - a case
    assert (", process_main false" in vacuumed(version, only_toast=True)) is there
    assert "process_main" not in vacuumed(version)


@pytest.mark.parametrize(("version", "there"), [(17, False), (18, True)])
def test_a_parent_without_its_partitions_where_the_server_can(version: int, there: bool) -> None:  # noqa: FBT001 - a case
    assert (") only " in analyzed(version, only=True)) is there
    assert "only" not in analyzed(version)


def test_nothing_ever_rewrites_or_waits() -> None:
    for version, truncate, toast in product(range(13, 19), (True, False), (True, False)):
        text = vacuumed(version, truncate=truncate, only_toast=toast)
        assert "full" not in text
        assert "skip_locked" in text
