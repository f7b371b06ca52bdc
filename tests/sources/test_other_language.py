"""What a server refuses in German means what it means in English."""

import gettext
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from tests.lab import Lab, fresh_database
from tests.other_language import german_server
from upkeep.errors import BrokenError, VanishedError
from upkeep.sources.postgres import Endpoint, session
from upkeep.sources.postgres_errors import no_connection, translate_errors
from upkeep.sources.refusal import refused_with
from upkeep.sources.scratch import ScratchServer

CATALOGUES = sorted(Path("/usr/share/locale").glob("*/LC_MESSAGES/postgres-*.mo"))


@pytest.fixture(scope="module")
def german(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScratchServer]:
    """For all of this file."""
    folder = tmp_path_factory.mktemp("german")
    folder.chmod(0o755)
    with german_server(folder) as server:
        yield server


@pytest.fixture
def shop(german: ScratchServer) -> Iterator[Lab]:
    with fresh_database(german, "laden") as made:
        yield made


def refused(endpoint: Endpoint) -> BrokenError:
    with pytest.raises(BrokenError) as error, endpoint.connect("test"):
        pass
    return error.value


def password(shop: Lab) -> Endpoint:
    return shop.server.endpoint("laden", password="wrong")


def no_database(shop: Lab) -> Endpoint:
    return shop.server.endpoint("nirgends")


def not_let_in(shop: Lab) -> Endpoint:
    shop.run("drop role if exists fremder; create role fremder nologin")
    return shop.login("fremder")


def no_right(shop: Lab) -> Endpoint:
    shop.run("drop role if exists gast; create role gast login; revoke connect on database laden from public")
    return shop.login("gast")


def full(shop: Lab) -> Endpoint:
    shop.run("drop role if exists gast; create role gast login connection limit 0")
    return shop.login("gast")


@pytest.mark.parametrize(
    ("where", "meaning", "retry"),
    [
        (password, "the login was refused", False),
        (no_database, "there is no such database", False),
        (not_let_in, "the server does not let this role in from here", False),
        (no_right, "this role may not enter this database", False),
        (full, "the server has no connection left", True),
    ],
)
def test_a_refused_login_is_told_apart(shop: Lab, where: Callable[[Lab], Endpoint], meaning: str, *, retry: bool) -> None:
    error = refused(where(shop))
    assert "FATAL" in error.reason
    assert (error.reason.partition(" (")[0].startswith(meaning), error.retry) == (True, retry), error.reason
    assert str(shop.endpoint.password) not in str(error)


def test_where_no_code_is_had_it_is_no_connection(shop: Lab) -> None:
    assert refused_with({"host": "127.0.0.1", "port": 1, "connect_timeout": 2}) == ""
    assert refused_with({"host": shop.endpoint.host, "port": "no number"}) == ""
    error = no_connection("here", OSError("Leitung tot"))
    assert (error.reason, error.retry) == ("no connection to here: Leitung tot", True)


def test_in_english_nobody_is_asked_twice() -> None:
    error = no_connection("here", OSError("password authentication failed"), lambda: pytest.fail("asked again"))
    assert error.reason.startswith("the login was refused")


def test_what_is_gone_is_gone_in_german(shop: Lab) -> None:
    with (
        shop.session() as connection,
        pytest.raises(VanishedError, match="Relation mit OID 4242424242 existiert nicht"),
        translate_errors(),
    ):
        connection.execute("select pg_sequence_parameters(4242424242::oid)")


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda path: f"{path.parts[4]}-{path.stem}")
def test_every_language_says_of_an_oid_that_it_is_gone(catalogue: Path) -> None:
    with catalogue.open("rb") as opened:
        translations = gettext.GNUTranslations(opened)
    kinds = ("relation", "schema", "function", "type", "tablespace", "role", "database", "collation", "extension")
    for kind in kinds:
        told = psycopg.errors.UndefinedObject(translations.gettext(f"{kind} with OID %u does not exist").replace("%u", "16384"))
        with pytest.raises(VanishedError), translate_errors():
            raise told


def test_a_check_is_answered_in_german(shop: Lab) -> None:
    with session(shop.endpoint, "test") as pg:
        assert pg.value("select pg_catalog.current_setting('lc_messages')") == "de_DE.UTF-8"
        assert pg.value("select 1") == 1
