"""The API of a forge: pages, limits, answers that did not change, and what is no answer."""

import time
from collections.abc import Callable, Iterator
from email.utils import formatdate
from pathlib import Path

import pytest

from tests.forge_server import ForgeServer, forge_server
from upkeep.errors import BrokenError, CannotAskError
from upkeep.sources.forge import FileForge
from upkeep.sources.forge_api import ForgeApi
from upkeep.sources.objects import open_store

PATH = "/repos/a/b/deployments"
Ask = Callable[..., list[int]]


@pytest.fixture
def forge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ForgeServer]:
    monkeypatch.setenv("UPKEEP_FORGE_CACHE", str(tmp_path / "forge-cache"))
    with forge_server() as server:
        server.answers[PATH] = [{"id": number} for number in range(5)]
        yield server


def ids(forge: ForgeServer, waits: list[float] | None = None, token: str | None = None) -> list[int]:
    wait = (waits if waits is not None else []).append
    with ForgeApi(f"{forge.address}/repos/a/b", token, wait=wait, now=lambda: 1000.0) as api:
        return [each["id"] for each in api.listed("deployments")]


def test_every_page_is_read_once(forge: ForgeServer) -> None:
    forge.page = 2
    assert ids(forge) == [0, 1, 2, 3, 4]
    assert len(forge.calls) == 3
    assert forge.asked[0]["per_page"] == ["100"]


def test_what_did_not_change_is_not_sent_again(forge: ForgeServer) -> None:
    forge.page = 2
    assert ids(forge) == ids(forge)
    assert [status for _, status in forge.calls] == [200, 200, 200, 304, 304, 304]
    forge.answers[PATH].insert(0, {"id": 9})
    assert ids(forge) == [9, 0, 1, 2, 3, 4]


def test_what_one_token_was_given_another_does_not_see(forge: ForgeServer) -> None:
    assert ids(forge, token="one") == ids(forge, token="two")
    assert [status for _, status in forge.calls] == [200, 200]
    assert forge.tokens == {"Bearer one", "Bearer two"}


def test_a_token_lies_in_no_file(forge: ForgeServer, tmp_path: Path) -> None:
    ids(forge, token="very-secret")
    files = list((tmp_path / "forge-cache").iterdir())
    assert len(files) == 1
    assert not any(b"very-secret" in path.read_bytes() or "very-secret" in path.name for path in files)


@pytest.mark.parametrize(
    ("status", "headers", "pause"),
    [
        (429, {"Retry-After": "7"}, 7),
        (403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1030"}, 30),
        (429, {"RateLimit-Reset": "1012"}, 12),
        (503, {}, 0.5),
    ],
)
def test_a_limit_is_waited_for_as_long_as_the_server_says(
    forge: ForgeServer, status: int, headers: dict[str, str], pause: float
) -> None:
    forge.refusals = [(status, headers)]
    waits: list[float] = []
    assert ids(forge, waits) == [0, 1, 2, 3, 4]
    assert waits == [pause]


def test_a_limit_that_ends_at_a_date_is_waited_for(forge: ForgeServer) -> None:
    forge.refusals = [(429, {"Retry-After": formatdate(time.time() + 500, usegmt=True)})]
    waits: list[float] = []
    assert ids(forge, waits) == [0, 1, 2, 3, 4]
    assert 400 < waits[0] <= 501


def test_a_limit_that_lasts_long_is_for_a_later_try(forge: ForgeServer) -> None:
    forge.refusals = [(403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "9999"})]
    waits: list[float] = []
    with pytest.raises(BrokenError, match="limit of calls") as raised:
        ids(forge, waits)
    assert (raised.value.retry, waits) == (True, [])


def test_it_is_away_after_some_tries(forge: ForgeServer) -> None:
    forge.refusals = [(502, {})] * 5
    with pytest.raises(BrokenError, match="HTTP 502") as raised:
        ids(forge)
    assert raised.value.retry


@pytest.mark.parametrize(("status", "remedy"), [(401, "valid token"), (403, "right to read deployments")])
def test_a_refused_token_is_not_tried_again(forge: ForgeServer, status: int, remedy: str) -> None:
    forge.refusals = [(status, {})]
    with pytest.raises(BrokenError, match=f"HTTP {status}") as raised:
        ids(forge)
    assert remedy in raised.value.remedy
    assert not raised.value.retry


def test_what_is_not_there_cannot_be_asked(forge: ForgeServer) -> None:
    forge.answers.clear()
    with pytest.raises(CannotAskError, match="is not there"):
        ids(forge)


@pytest.mark.parametrize("answer", [b"<html>Sign in</html>", b'{"message": "hello"}', b"[1, 2]"])
def test_what_is_no_list_is_no_answer(forge: ForgeServer, answer: bytes) -> None:
    forge.answers[PATH] = answer
    with pytest.raises(BrokenError, match=r"no JSON|something else than a list"):
        ids(forge)


def test_a_page_elsewhere_gets_no_token(forge: ForgeServer) -> None:
    forge.page, forge.next_host = 2, "http://elsewhere.test"
    with pytest.raises(BrokenError, match="leads to pages elsewhere"):
        ids(forge, token="secret")


def test_a_page_that_names_the_repository_by_its_number_is_read(forge: ForgeServer) -> None:
    forge.page, forge.next_path = 2, "/repositories/130/deployments"
    forge.answers[forge.next_path] = forge.answers[PATH]
    assert ids(forge, token="secret") == [0, 1, 2, 3, 4]
    assert [path for path, _ in forge.calls] == [PATH, forge.next_path, forge.next_path]


def test_a_limit_that_is_told_in_words_is_waited_for_a_minute_and_longer_each_time(forge: ForgeServer) -> None:
    forge.refusal = b'{"message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}'
    forge.refusals = [(403, {"X-RateLimit-Remaining": "4000"}), (403, {})]
    waits: list[float] = []
    assert ids(forge, waits) == [0, 1, 2, 3, 4]
    assert waits == [60, 120]


@pytest.mark.parametrize("status", [301, 307, 308])
def test_a_repository_that_was_renamed_is_said(forge: ForgeServer, status: int) -> None:
    forge.refusals = [(status, {"Location": f"{forge.address}/repositories/130/deployments"})]
    with pytest.raises(BrokenError, match=f"HTTP {status}") as raised:
        ids(forge)
    assert "renamed or moved" in raised.value.remedy


def test_files_hold_the_same_in_pages_by_number(tmp_path: Path) -> None:
    (tmp_path / "deployments.json").write_text('[{"id": 1}]')
    (tmp_path / "deployments-10.json").write_text('[{"id": 10}]')
    (tmp_path / "deployments-2.json").write_text('[{"id": 2}]')
    (tmp_path / "deployments-old.json").write_text("[")
    forge = FileForge(open_store(f"file://{tmp_path}"))
    assert [each["id"] for each in forge.listed("deployments")] == [1, 2, 10]
    with pytest.raises(CannotAskError, match=r"no pulls\.json"):
        list(forge.listed("pulls"))
    with pytest.raises(BrokenError, match="is no JSON"):
        list(forge.listed("deployments-old"))
