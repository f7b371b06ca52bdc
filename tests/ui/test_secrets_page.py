"""The page of secrets: age, next rotation, users, proof, steps, and the command for what is in the way; never a value."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.lab import Lab
from tests.rotation.stored import NOW, StoredSecrets
from tests.ui.browser import looked, served
from upkeep.answer import Answer, Finding, Severity
from upkeep.rotation.rotation import State
from upkeep.store.migrate import migrate
from upkeep.ui.app import create_app

HOSTILE = """<script>alert(1)</script> 'ä" & co"""


@pytest.fixture
def world(lab: Lab) -> StoredSecrets:
    """No secret yet."""
    migrate(lab.endpoint)
    return StoredSecrets(lab)


@pytest.fixture
def client(world: StoredSecrets) -> TestClient:
    """The pages over it."""
    return TestClient(create_app(lambda: world.lab.endpoint, []), base_url="http://test/")


def fill(world: StoredSecrets) -> None:
    """One that is well, one that is stuck, one that cannot be read, one in its grace time, one that was never asked about."""
    begun = NOW - timedelta(days=45)
    world.seen(
        "shop login", used_by=["checkout from 10.0.0.7, 4 sessions"], used_at=NOW - timedelta(minutes=5), watched_since=begun
    )
    steps = ("staged_at", "installed_at", "proven_at", "promoted_at", "picked_up_at")
    done = {name: begun + timedelta(seconds=second) for second, name in enumerate(steps, 1)}
    world.rotated("shop login", **done, retired_at=begun + timedelta(days=1), dead_at=begun + timedelta(days=1, seconds=1))
    stuck = Finding(
        rule="rotation_stuck", object=HOSTILE, severity=Severity.MEDIUM, title=f"{HOSTILE} is pending",
        remedy="see why; or forget it: upkeep secret rollback x",
    )  # fmt: skip
    world.seen(
        HOSTILE, stuck, current_since=NOW - timedelta(days=100), pending_since=NOW - timedelta(days=2), identity=HOSTILE,
        store=HOSTILE, opens=HOSTILE, used_by=[HOSTILE] * 7, watched_since=begun,
    )  # fmt: skip
    world.rotated(HOSTILE, state=State.RUNNING, old=HOSTILE, new=None, used_by=(HOSTILE,))
    world.answered("vault token", Answer.unknown("the store is away", "start it: systemctl start vault"))
    world.seen("in grace", current_since=NOW - timedelta(hours=2))
    world.rotated("in grace", state=State.GRACE, promoted_at=NOW - timedelta(hours=2), begun_at=NOW - timedelta(hours=2))
    world.declared("never asked")


def test_without_any_it_says_how_to_declare_one(client: TestClient) -> None:
    page = client.get("/secrets")
    assert page.status_code == 200
    assert "Name each under <code>secrets</code> in the inventory" in page.text
    assert 'aria-current="page">Secrets<' in page.text


def test_each_is_told_with_what_is_in_the_way(world: StoredSecrets, client: TestClient) -> None:
    fill(world)
    page = client.get("/secrets").text
    assert "<script>alert" not in page
    for text in (
        "45 d of 90 d", 'value="0.500"', "checkout from 10.0.0.7, 4 sessions", '<span class="mark ok">dead</span> b',
        "and 2 more", '<span class="late">100 d</span> of 90 d', "under way", "upkeep secret rollback x", "the store is away",
        "systemctl start vault", '<span class="mark medium">works</span> b', "the service does not tell", "+1 s", "+5 s", "+1 d",
        "dags/daily/runs/scheduled__x/tasks/security.secret_age/mapped/3", "old one used by &lt;script&gt;", "of 5</span>",
    ):  # fmt: skip
        assert text in page, text
    order = [page.index(f"<b>{name}") for name in ("&lt;script&gt;", "vault token", "never asked", "in grace", "shop login")]
    assert order == sorted(order), "those that need somebody come first"


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({"standing": "needs somebody"}, ["&lt;script&gt;"]), ({"standing": "unknown"}, ["vault token"]),
        ({"standing": "not asked yet"}, ["never asked"]), ({"standing": "under way"}, ["in grace"]),
        ({"standing": "well"}, ["shop login"]), ({"standing": "due"}, []), ({"standing": "other"}, []),
        ({"text": "GRACE"}, ["in grace"]), ({"text": "ann", "standing": "well"}, ["shop login"]), ({"text": "%"}, []),
    ],
)  # fmt: skip
def test_the_list_is_narrowed(world: StoredSecrets, client: TestClient, asked: dict[str, str], named: list[str]) -> None:
    fill(world)
    page = client.get("/secrets", params=asked).text
    assert len(named) == page.count('<td class="wide"><a href="secrets?name=') - page.count(' data-label="begun"')
    assert all(f"<b>{name}" in page for name in named)
    assert ("No secret is so" in page) is (not named)


def test_nothing_can_be_changed_from_the_page(world: StoredSecrets, client: TestClient) -> None:
    """It shows commands, whoever looks: who may rotate is who may run them."""
    fill(world)
    for address in ("/secrets", "/secrets?name=shop+login"):
        assert 'method="post"' not in client.get(address).text.lower()
        assert {client.request(method, address).status_code for method in ("POST", "PUT", "PATCH", "DELETE")} == {405}


def test_one_of_them_has_its_commands_whatever_its_name(world: StoredSecrets, client: TestClient) -> None:
    fill(world)
    page = client.get("/secrets", params={"name": HOSTILE}).text
    assert "<script>alert" not in page
    assert "shop login" not in page
    assert "--compromised" in page
    assert "upkeep secret rollback &#39;&lt;script&gt;" in page
    wrong = client.get("/secrets?name=shop+logn")
    assert wrong.status_code == 404
    assert ">shop login</a></li>" in wrong.text


def test_a_rotation_that_stopped_half_way_says_since_when_and_how_to_go_on(world: StoredSecrets, client: TestClient) -> None:
    world.seen("shop login")
    begun = NOW - timedelta(days=2)
    world.rotated(
        "shop login", state=State.RUNNING, begun_at=begun, staged_at=begun + timedelta(minutes=1), stopped_at=begun,
        stopped_why="the <server> is away",
    )  # fmt: skip
    page = client.get("/secrets").text
    for text in (
        '<span class="mark high">stopped half-way</span>', "at step staged", "&lt;server&gt; is away",
        "<code>upkeep secret rotate &#39;shop login&#39;</code>", "<code>upkeep secret rollback &#39;shop login&#39;</code>",
    ):  # fmt: skip
        assert text in page, text


def test_consumers_are_told_with_their_lag(world: StoredSecrets, client: TestClient) -> None:
    world.seen("shop login")
    at = NOW - timedelta(days=1)
    by = {"web from 10.0.0.1": at + timedelta(minutes=4), "reports from the local socket": at + timedelta(hours=3)}
    world.rotated("shop login", promoted_at=at, picked_up_at=min(by.values()), picked_up_by=by)
    text = client.get("/secrets").text
    late, early = (text.index(f"{who} had the new one after {after}") for who, after in (
        ("reports from the local socket", "3 h"), ("web from 10.0.0.1", "4 min"),
    ))  # fmt: skip
    assert late < early


def test_a_rotation_that_failed_says_why(world: StoredSecrets, client: TestClient) -> None:
    world.seen("shop login")
    world.rotated("shop login", state=State.FAILED, stopped_at=NOW, stopped_why="the users are not alike")
    page = client.get("/secrets").text
    assert '<span class="mark high">failed</span>' in page
    assert "the users are not alike" in page


def test_a_secret_that_was_taken_out_is_not_listed(world: StoredSecrets, client: TestClient) -> None:
    fill(world)
    world.lab.run("update upkeep.target set active = false where name = 'shop login'")
    assert "shop login" not in client.get("/secrets").text


def test_what_was_rotated_since_the_last_look_is_young(world: StoredSecrets, client: TestClient) -> None:
    world.seen("by hand", current_since=NOW - timedelta(days=95), identity="b")
    assert '<span class="late">95 d</span> of 90 d' in client.get("/secrets").text
    rotated = datetime.now(UTC) - timedelta(hours=3)
    world.rotated("by hand", state=State.GRACE, promoted_at=rotated, begun_at=rotated)
    page = client.get("/secrets").text
    assert "3 h of 90 d" in page
    assert '<div class="sub">a</div>' in page
    world.declared("not asked yet")
    world.rotated("not asked yet", state=State.GRACE, promoted_at=NOW, begun_at=NOW)
    assert "through its grace time" in client.get("/secrets?name=not+asked+yet").text


@pytest.mark.browser
@pytest.mark.parametrize("width", [800, 1400])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_is_cut(world: StoredSecrets, chromium: Any, width: int, theme: str) -> None:
    fill(world)
    with served(world.lab.endpoint) as site, looked(chromium, theme, width=width) as seen:
        for page in ("secrets", "secrets?name=shop%20login"):
            seen.page.goto(site + page)
            seen.page.wait_for_load_state("networkidle")
            assert seen.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page
            wide = "[...document.querySelectorAll('.panel')].filter((p) => p.scrollWidth > p.clientWidth + 1).length"
            assert seen.page.evaluate(wide) == 0, page
        assert seen.complaints == []
