"""Tokens in two slots of an HTTP API."""

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from tests.rotation.scenes import TokenScene
from tests.rotation.token_api import KIND, TokenApi
from tests.rotation.world import KilledError, world
from upkeep.errors import BrokenError, CannotAskError
from upkeep.rotation.kinds.token import TokenKind
from upkeep.rotation.secret_value import SecretValue
from upkeep.rotation.service import RefusedError

FIRST = SecretValue({"slot": "primary", "token": "token-1-of-primary"})


@pytest.fixture
def api() -> TokenApi:
    """With a token in its first slot."""
    return TokenApi({"primary": "token-1-of-primary"}, made=1)


def test_a_token_that_a_killed_run_did_not_store_is_replaced_in_its_slot(tmp_path: Path) -> None:
    with world(None, tmp_path, "token", "text file") as made:
        assert isinstance(made.scene, TokenScene)
        with pytest.raises(KilledError):
            made.rotator("api.ask", "SIGKILL after").advance("by hand")
        lost = made.scene.api.slots["secondary"]
        assert made.rotator().advance("by hand").rotated
        assert lost not in made.scene.api.slots.values()
        assert made.current.get("slot") == "secondary"
        assert not made.failed


def test_the_slot_in_use_is_never_touched(api: TokenApi) -> None:
    proposed = api.service().propose(FIRST)
    assert proposed.fields == {"slot": "secondary", "token": "token-2-of-secondary"}
    assert api.slots["primary"] == "token-1-of-primary"
    with pytest.raises(CannotAskError, match="of slot primary, which the application uses now"):
        api.service().accepts(FIRST.replaced(token="x"), FIRST)
    with pytest.raises(CannotAskError, match="of slot third"):
        api.service().identity(FIRST.replaced(slot="third"))


def test_ended_it_is_refused_and_ended_again_nothing_is_done(api: TokenApi) -> None:
    service = api.service()
    assert not service.is_dead(FIRST)
    service.retire(FIRST, end_sessions=False)
    service.retire(FIRST, end_sessions=True)
    assert service.is_dead(FIRST)
    with pytest.raises(RefusedError, match="refuses the token of slot primary"):
        service.install(FIRST)
    with pytest.raises(CannotAskError, match="refuses the current token"):
        service.check(FIRST)


def test_a_login_that_may_make_none_is_told_so(api: TokenApi) -> None:
    with pytest.raises(CannotAskError, match="it is not allowed") as raised:
        api.service(token="wrong").propose(FIRST)
    assert raised.value.remedy == "let it make tokens"


def test_an_answer_without_a_token(api: TokenApi) -> None:
    kind = KIND.model_copy(update={"answer": "data.key.value"})
    with pytest.raises(BrokenError, match=r"no text at data\.key\.value") as raised:
        api.service(kind).propose(FIRST)
    assert "token-2" not in str(raised.value)


@pytest.mark.parametrize("answered", [200, 204])
def test_a_proof_that_lets_everybody_in_is_none(api: TokenApi, answered: int) -> None:
    def open_to_all(request: httpx.Request) -> httpx.Response:
        return httpx.Response(answered) if request.url.path == "/me" else api.answer(request)

    service = replace(api.service(), transport=httpx.MockTransport(open_to_all))
    with pytest.raises(CannotAskError, match="GET /me lets in whoever asks") as raised:
        service.check(FIRST)
    assert "401 or 403" in raised.value.remedy
    api.service().check(FIRST)


@pytest.mark.parametrize(
    ("answered", "message"),
    [
        (httpx.Response(302, headers={"Location": "/login"}), "answered 302, which leads elsewhere"),
        (httpx.Response(429), "answered 429"),
        (httpx.Response(404), "answered 404"),
    ],
)
def test_an_answer_that_says_nothing_of_the_token_is_no_proof(api: TokenApi, answered: httpx.Response, message: str) -> None:
    service = replace(api.service(), transport=httpx.MockTransport(lambda _: answered))
    for told in (service.check, service.install, service.is_dead):
        with pytest.raises(BrokenError, match=message):
            told(FIRST)


@pytest.mark.parametrize("token", ["token-1-of-primary\n", "tök-en", "a\r\nHost: b"])
def test_a_token_that_no_header_carries_is_told_and_not_shown(api: TokenApi, token: str) -> None:
    with pytest.raises(CannotAskError, match="of slot primary has a line break or other signs") as raised:
        api.service().check(FIRST.replaced(token=token))
    assert token not in str(raised.value)


@pytest.mark.parametrize("status", [200, 201, 202])
def test_whatever_says_that_it_is_done_gives_a_token(api: TokenApi, status: int) -> None:
    answer = httpx.Response(status, json={"data": {"token": "made"}})
    admin = replace(api.service().admin, transport=httpx.MockTransport(lambda _: answer))
    assert replace(api.service(), admin=admin).propose(FIRST).get("token") == "made"


def test_a_page_or_nothing_is_no_token(api: TokenApi) -> None:
    for answer in (httpx.Response(204), httpx.Response(200, html="<form>"), httpx.Response(200, json=["made"])):
        admin = replace(api.service().admin, transport=httpx.MockTransport(lambda _, answer=answer: answer))
        with pytest.raises(BrokenError, match=r"no text at data\.token"):
            replace(api.service(), admin=admin).propose(FIRST)


@pytest.mark.parametrize(("late", "known"), [(0, True), (4, True), (5, False)])
def test_an_api_that_hears_of_it_late_is_asked_for_a_quarter_of_a_minute(late: int, *, known: bool) -> None:
    api = TokenApi({"primary": "token-1-of-primary"}, made=1)
    service = api.service()
    service.check(FIRST)
    api.late = late
    made = service.propose(FIRST)
    with nullcontext() if known else pytest.raises(RefusedError):
        service.install(made)
    assert sum(api.waited) == (15 if late else 0)
    assert not service.is_dead(FIRST)
    service.retire(FIRST, end_sessions=False)
    assert service.is_dead(FIRST) is known


def test_requests_that_name_no_slot_are_refused() -> None:
    whole = KIND.model_dump()
    for part in ("make", "end"):
        with pytest.raises(ValueError, match="name the slot"):
            TokenKind.model_validate({**whole, part: {"path": "/tokens"}})
    with pytest.raises(ValueError, match="two different slots"):
        TokenKind.model_validate({**whole, "slots": ["a", "a"]})
    named = TokenKind.model_validate({**whole, "make": {"path": "/regenerate", "body": {"name": "{slot}"}}})
    assert named.make.of("a") == ("POST", "/regenerate", {"name": "a"})
