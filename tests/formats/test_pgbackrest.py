"""pgBackRest's report: damage, faults of repositories, and what is no report."""

import json
from typing import Any

import pytest

from upkeep.errors import BrokenError
from upkeep.formats.backup_listing import COMPLETE, DAMAGED
from upkeep.formats.pgbackrest import parse


def report(**more: Any) -> str:
    backup = {
        "archive": {"start": "000000010000000000000003", "stop": "000000010000000000000004"},
        "database": {"id": 1, "repo-key": 1},
        "error": False,
        "info": {"delta": 8458, "repository": {"delta": 430, "size": 3057142}, "size": 22992632},
        "label": "20261123-112850F",
        "timestamp": {"start": 1795433334, "stop": 1795433336},
        "type": "full",
    }
    stanza = {
        "archive": [{"database": {"id": 1, "repo-key": 1}, "id": "15-1", "max": "000000010000000000000004", "min": None}],
        "backup": [{**backup, **more.pop("backup", {})}],
        "db": [{"id": 1, "repo-key": 1, "system-id": 7711327428475926785, "version": "15"}],
        "name": "main",
        "repo": [{"cipher": "none", "key": 1, "status": {"code": 0, "message": "ok"}}],
        "status": {"code": 0, "lock": {"backup": {"held": False}}, "message": "ok"},
        **more,
    }
    return json.dumps([stanza])


def test_page_checksum_failures_and_missing_wal_are_damage() -> None:
    assert parse("main", report()).backups[0].state == COMPLETE
    failed = parse("main", report(backup={"error": True, "error-list": ["base/1/2619"]})).backups[0]
    assert failed.state == DAMAGED
    assert "base/1/2619" in failed.says
    archive = [{"database": {"id": 1, "repo-key": 1}, "id": "15-1", "max": "000000010000000000000003", "min": None}]
    short = parse("main", report(archive=archive)).backups[0]
    assert short.state == DAMAGED
    assert "000000010000000000000003" in short.says
    # Another timeline reached further: the segment counts, not the timeline.
    archive[0]["max"] = "000000020000000000000009"
    assert parse("main", report(archive=archive)).backups[0].state == COMPLETE


def test_a_broken_second_repository_is_a_fault_and_a_broken_only_one_an_error() -> None:
    bad = {"key": 2, "status": {"code": 99, "message": "[PathOpenError] unable to list"}}
    mixed = parse("main", report(repo=[{"key": 1, "status": {"code": 0, "message": "ok"}}, bad]))
    assert [(fault.rule, fault.object) for fault in mixed.faults] == [("repository_fault", "repo2")]
    stanza = json.loads(report())[0]
    alone = json.dumps([{**stanza, "backup": [], "repo": [bad], "status": {"code": 99, "message": "other"}}])
    with pytest.raises(BrokenError, match="unable to list"):
        parse("main", alone)


@pytest.mark.parametrize(
    "text", ["", "[", "[{", '{"a": 1}', "null", "[1]", '[{"name": "main"}]', "[[[" * 50_000, report()[:200], "ERROR: no"]
)
def test_what_is_no_report_is_said(text: str) -> None:
    with pytest.raises(BrokenError, match="no report that Upkeep reads") as raised:
        parse("main", text)
    assert raised.value.retry


def test_a_stanza_without_backups_is_missing_with_the_way_out() -> None:
    found = parse(
        "main",
        report(status={"code": 2, "message": "no valid backups"}).replace(json.dumps(json.loads(report())[0]["backup"]), "[]"),
    )
    assert not found.backups
    assert 'stanza "main": no valid backups' in found.missing
    assert found.remedy
