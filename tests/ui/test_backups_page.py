"""The page of backups: of each database what is kept, what was proven, and what to do when there is nothing."""

import html
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from tests.lab import Lab, fresh_database
from tests.ui.conftest import HOSTILE
from tests.ui.fill import fill
from upkeep.answer import Answer
from upkeep.backups.registry import Record, Restoration, State
from upkeep.checks.database.sequences import sequences
from upkeep.sources.scratch import ScratchServer
from upkeep.store.answers import Provenance, connected, save
from upkeep.store.backups import StoredRegistry
from upkeep.store.migrate import migrate
from upkeep.ui.app import create_app
from upkeep.window import Window

DAY = timedelta(days=1)


def shelve(lab: Lab, target: str = "shop") -> list[Record]:
    """Sixty days of backups of one target: some deleted, one failed, one damaged, one held; restores of each kind."""
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    made = []
    with connected(lab.endpoint) as connection:
        for ago in range(60, -1, -1):
            at = midnight - DAY * ago
            window = Window(at - DAY, at)
            provenance = Provenance("daily", f"scheduled__{at:%Y-%m-%d}", "backups.backup", 0, 1, at, 0)
            rows = StoredRegistry(connection, window, provenance)
            grown = 40_000_000 * (100 - ago)
            record = Record(
                id=f"{at:%Y%m%dT%H%M%SZ}-{len(target):02x}{ago:04x}", target=target,
                location=f"s3://backups/prod/{ago}", state=State.COMPLETE,
                window=window, begun_at=at, snapshot_at=at, finished_at=at + timedelta(minutes=4), verified_at=at,
                stored_bytes=grown, raw_bytes=grown * 5, tables=11, rows=15607 - ago,
                seconds={"dump": 90.5 - ago, "read back": 33}, server_version=18, encrypted=True, manifest_sha256="ab",
            )  # fmt: skip
            if ago == 5:
                record = replace(record, state=State.FAILED, error="no space is left on <b>s3</b>", stored_bytes=None, rows=None)
            if ago > 20:
                record = replace(record, state=State.DELETED, deleted_at=midnight)
            if ago == 12:
                record = replace(record, damaged="rows/7.copy.zst is missing")
            if ago == 14:
                record = replace(record, legal_hold="court case 12")
            rows.put(record)
            made.append(record)
        for number, (state, differences) in enumerate(
            [("proven", ()), ("differs", ("public.a: 4 rows, not 5",)), ("running", ())]
        ):
            rows.put_restoration(
                Restoration(
                    id=f"{target}{number}", backup_id=made[-3].id, target=target, destination="scratch", state=state,
                    begun_at=midnight - DAY * (3 - number), finished_at=midnight - DAY * (3 - number) + timedelta(minutes=9),
                    seconds={"restore": 400.5, "compare": 31.25}, rows=15604, server_version=18, differences=differences,
                    asked_by="ann",
                )
            )  # fmt: skip
        evidence = {
            "kept": {made[-1].id: ["daily 2026-11-23", "newest verified"]},
            "next_deletions": [{"id": made[-4].id, "on": "2027-02-03", "bytes": 9}],
        }
        save(
            connection,
            replace(sequences, name="retention"),
            target,
            window,
            Answer.judged("9 kept", evidence=evidence),
            provenance,
        )
    return made


@pytest.fixture(scope="module")
def shelved(server: ScratchServer) -> Iterator[Lab]:
    with fresh_database(server, "pages_backups") as made:
        migrate(made.endpoint)
        fill(made.endpoint, targets=3, days=3)
        with made.endpoint.connect("hostile") as connection:
            connection.execute(
                "insert into upkeep.target (name, kind, owner, red_at, tags, runbook, active)"
                " values (%s, 'databases', 'x', 'low', '{}', null, true)",
                [HOSTILE],
            )
        shelve(made)
        shelve(made, HOSTILE)
        yield made


@pytest.fixture
def client(shelved: Lab) -> TestClient:
    return TestClient(create_app(lambda: shelved.endpoint, []), base_url="http://test/", raise_server_exceptions=True)


def test_every_database_has_a_line(client: TestClient) -> None:
    answer = client.get("/backups")
    assert answer.status_code == 200
    assert answer.text.count("<tr><td><a") == 4
    assert "15,607 rows in 11 tables" in answer.text
    assert answer.text.count("never</span>") >= 2, "two databases have no backup and no restore"
    assert "<script>alert" not in answer.text
    assert "2027-02-03" in answer.text


def test_one_database_in_full(client: TestClient) -> None:
    text = client.get("/backups?target=shop&days=90").text
    for reason in (
        "s3://backups/prod/0", "daily 2026-11-23, newest verified", "2027-02-03", "legal hold: court case 12",
        "rows/7.copy.zst is missing", "public.a: 4 rows, not 5", "restore 400.5 s, compare 31.2 s",
        "as the manifest says: 15,604 rows compared", "encrypted",
        "no space is left on &lt;b&gt;s3&lt;/b&gt;", "asked by ann", "Time it took",
    ):  # fmt: skip
        assert reason in text, reason
    assert "../dags/daily/runs/scheduled__" in text
    assert "/tasks/backups.backup/mapped/0" in text
    assert text.count('class="mark ok">complete') == 19


def test_a_hostile_name_is_text_and_its_link_leads_to_it(client: TestClient) -> None:
    listed = client.get("/backups").text
    link = next(part.split('"')[0] for part in listed.split('href="') if part.startswith("backups?target=o"))
    page = client.get("/" + html.unescape(link))
    assert page.status_code == 200
    assert html.escape(HOSTILE).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in page.text
    assert "<script>alert" not in page.text


def test_a_database_without_backups_says_what_to_do(client: TestClient) -> None:
    text = client.get("/backups?target=billing").text
    assert "None yet. Say where to in the inventory" in text
    assert "upkeep restore" in text


def test_an_unknown_database_offers_near_ones(client: TestClient) -> None:
    answer = client.get("/backups?target=shopp")
    assert answer.status_code == 404
    assert "No such database" in answer.text


def test_the_first_day(lab: Lab) -> None:
    migrate(lab.endpoint)
    client = TestClient(create_app(lambda: lab.endpoint, []), base_url="http://test/")
    assert "No database is looked after yet" in client.get("/backups").text
    fill(lab.endpoint, targets=2, days=1)
    text = client.get("/backups").text
    assert "No backup has been taken yet" in text
    assert "s3://bucket/prefix" in text


DETAIL = {
    'public."Bestellung ä"': {"rows": 1_250_000, "found": 1_250_000, "same": True},
    "public.items": {"rows": 4_000_000, "found": 4_000_000, "same": True},
    "public.a": {"rows": 5, "found": 4, "same": False},
    "public.<b>lost</b>": {"rows": 7, "found": None, "same": False},
}
RUN = "manual__2026-11-26T01:00:00+00:00"


def restored(lab: Lab, run_id: str, **more: Any) -> Restoration:
    """One restore of the newest backup of `shop`, made by a task of the DAG."""
    now = datetime.now(UTC)
    with connected(lab.endpoint) as connection:
        provenance = Provenance("restore", run_id, "restore", -1, 1, now, 0)
        rows = StoredRegistry(connection, Window(now - DAY, now), provenance)
        newest = rows.records("shop")[0]
        usual: dict[str, Any] = {
            "id": f"r-{run_id}", "backup_id": newest.id, "target": "shop", "destination": "new_db/shop", "state": "proven",
            "begun_at": now - timedelta(minutes=20), "finished_at": now, "rows": 5_250_012, "server_version": 18,
            "seconds": {
                "manifest": 0.2, "check": 0.4, "roles": 1.5, "create": 0.3, "definitions": 12.0, "rows": 640.5,
                "indexes": 300.25, "compare": 41.0,
            },
            "detail": DETAIL, "exactness": "exact", "manifest_sha256": "cd" * 32,
            "asked_by": "fred, approved by sam (in Airflow)",
        }  # fmt: skip
        made = Restoration(**{**usual, **more})
        rows.put_restoration(made)
    return made


@pytest.fixture
def own(server: ScratchServer) -> Iterator[Lab]:
    with fresh_database(server, "pages_restores") as made:
        migrate(made.endpoint)
        fill(made.endpoint, targets=3, days=3)
        shelve(made)
        yield made


def pages(lab: Lab) -> TestClient:
    return TestClient(create_app(lambda: lab.endpoint, []), base_url="http://test/", raise_server_exceptions=True)


def test_the_tab_of_a_restore_shows_stages_sizes_and_every_table(own: Lab) -> None:
    restored(own, RUN, state="differs", differences=("public.a: 4 rows, not 5",), uncertain=("a policy is worded otherwise",))
    text = pages(own).get(f"/run?dag_id=restore&run_id={quote(RUN)}").text
    for reason in (
        "differs", "new_db/shop", "rows", "11 min", "12.0 s", "fred, approved by sam (in Airflow)", "public.a: 4 rows, not 5",
        "a policy is worded otherwise", "4,000,000", "2 of 4 have the same rows", "not restored", "exact", "cd" * 32,
        "public.&lt;b&gt;lost&lt;/b&gt;", "15,607 in 11 tables", "before packing",
    ):  # fmt: skip
        assert reason in text, reason
    assert text.index("public.a<") < text.index("public.items<"), "what is wrong comes first"
    assert text.index(">manifest<") < text.index(">definitions<") < text.index(">indexes<") < text.index(">compare<")


def test_a_restore_that_is_under_way_is_looked_at_again(own: Lab) -> None:
    restored(own, RUN, state="running", finished_at=None, seconds={}, detail={}, exactness=None)
    text = pages(own).get(f"/run?dag_id=restore&run_id={quote(RUN)}").text
    assert 'data-live="5"' in text
    assert "The comparison comes last." in text


def test_before_the_approval_the_tab_says_what_it_waits_for(own: Lab) -> None:
    text = pages(own).get("/run?dag_id=restore&run_id=manual__new").text
    assert "Required Actions" in text


def test_a_run_with_several_tries_shows_the_newest_and_names_the_others(own: Lab) -> None:
    now = datetime.now(UTC)
    restored(own, RUN, id="try1", state="failed", error="the server went away", begun_at=now - DAY)
    restored(own, RUN, id="try2")
    text = pages(own).get(f"/run?dag_id=restore&run_id={quote(RUN)}").text
    assert "Earlier tries of this run" in text
    assert "restore?id=try1" in text
    assert "the server went away" in pages(own).get("/restore?id=try1").text


def test_a_restore_of_a_command_has_its_page_too_and_an_unknown_one_has_none(own: Lab) -> None:
    assert "definitions compared loosely" in _loosely(own)
    assert pages(own).get("/restore?id=nothing").status_code == 404


def _loosely(lab: Lab) -> str:
    made = restored(lab, "", id="by hand", exactness="data proven, definitions compared loosely (no programs of 15)")
    listed = pages(lab).get("/backups?target=shop").text
    assert "definitions: data proven, definitions compared loosely" in listed
    shown: str = pages(lab).get(f"/restore?id={quote(made.id)}").text
    return shown


@pytest.mark.fault
@pytest.mark.parametrize(("state", "text"), [("failed", "its restore failed"), ("differs", "its restore differs")])
def test_a_newest_backup_whose_restore_went_wrong_is_marked(own: Lab, state: str, text: str) -> None:
    assert text not in pages(own).get("/backups").text
    restored(own, RUN, state=state, error="x", differences=("y",) if state == "differs" else ())
    assert text in pages(own).get("/backups").text
    assert "The newest backup is not proven" in pages(own).get("/backups?target=shop").text


@pytest.mark.near_miss
def test_a_refused_restore_is_not_shown_as_a_failed_one(own: Lab) -> None:
    restored(own, RUN, state="refused", error="new_db/shop is not empty: it has table t", seconds={}, detail={}, exactness=None)
    client = pages(own)
    assert "its restore failed" not in client.get("/backups").text
    assert "The newest backup is not proven" not in client.get("/backups?target=shop").text
    text = client.get(f"/run?dag_id=restore&run_id={quote(RUN)}").text
    assert "It was refused, and nothing was changed" in text
    assert "mark high" not in text


def test_a_local_store_names_its_host(own: Lab) -> None:
    own.run("update upkeep.backup set host = 'worker-2', location = 'file:///backups/shop/x' where target = 'shop'")
    assert "on the disk of worker-2" in pages(own).get("/backups").text
    assert "on the local disk of <b>worker-2</b>" in pages(own).get("/backups?target=shop").text


def test_the_next_deletion_says_under_what_condition(own: Lab) -> None:
    assert "if a backup is taken every day until then" in pages(own).get("/backups?target=shop").text
    own.run("update upkeep.answer set evidence = '{}' where duty = 'retention'")
    assert "every one is kept by the rule" in pages(own).get("/backups?target=shop").text
    own.run("delete from upkeep.answer where duty = 'retention'")
    assert "retention has not run yet" in pages(own).get("/backups?target=shop").text
