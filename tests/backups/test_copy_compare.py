"""What pg_dumpall says of roles joins what the catalogue says of them."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from upkeep.backups.compare import Compared
from upkeep.backups.copy_compare import Copy, Texts
from upkeep.backups.manifest import Entry
from upkeep.backups.roles import Roles
from upkeep.sources.postgres import Endpoint

NOBODY = Endpoint("127.0.0.1", 1, "nobody", "secret", "postgres", {})
APP = "CREATE ROLE app;\nALTER ROLE app WITH NOSUPERUSER LOGIN CONNECTION LIMIT 5;\n"
MORE = f"{APP}COMMENT ON ROLE app IS 'the shop';\nALTER ROLE app SET work_mem TO '64MB';\n"
LINES = ("setting of role app: work_mem is another or missing", "comment of role app is another or missing")


def copy(**roles: Any) -> Copy:
    manifest = SimpleNamespace(entries=(Entry("role", "app"), Entry("table", "public.t", "app")))
    return Copy(cast("Any", SimpleNamespace(endpoint=NOBODY, application="a test")), cast("Any", manifest), Roles(**roles))


def judged(of: Copy, texts: Texts, *known: str) -> Compared:
    return of._with_roles(Compared(known, ()), texts)  # noqa: SLF001 - the rest needs two servers


def test_what_only_pg_dumpall_sees_is_a_difference_where_roles_were_restored_from_it() -> None:
    found = judged(copy(from_globals=True), Texts(globals=(MORE, APP)))
    assert (found.differences, found.uncertain) == (LINES, ())


def test_on_a_server_with_roles_of_its_own_it_is_to_be_looked_at() -> None:
    found = judged(copy(), Texts(globals=(MORE, APP)))
    assert (found.differences, found.uncertain) == ((), LINES)


@pytest.mark.parametrize("of", [copy(from_globals=True), copy()])
def test_equal_roles_raise_nothing(of: Copy) -> None:
    assert judged(of, Texts(globals=(MORE, MORE))) == Compared((), ())
    others = f"{MORE}CREATE ROLE other;\nALTER ROLE other WITH SUPERUSER;\n"
    assert judged(of, Texts(globals=(MORE, others))) == Compared((), ()), "a role that the database does not need"


def test_a_role_of_which_the_catalogue_told_is_not_told_twice() -> None:
    known = "role app: comment is nothing, in the backup the shop"
    assert judged(copy(from_globals=True), Texts(globals=(MORE, APP)), known) == Compared((known,), ())


@pytest.mark.parametrize("line", ["table public.app: unlogged is nothing, in the backup true", "role app_reader is missing"])
def test_what_was_told_of_something_else_hides_nothing(line: str) -> None:
    assert judged(copy(from_globals=True), Texts(globals=(MORE, APP)), line).differences == (line, *LINES)


def test_a_mapped_role_is_another_on_purpose() -> None:
    assert judged(copy(mapped={"app": "shop_app"}), Texts(globals=(MORE, APP))) == Compared((), ())


def test_a_server_that_pg_dumpall_may_not_ask_is_said(tmp_path: Path) -> None:
    program = tmp_path / "pg_dumpall"
    program.write_text("#!/bin/sh\necho 'pg_dumpall: error: not here' >&2\nexit 1\n")
    program.chmod(0o755)
    texts = copy()._with_globals(Texts(), MORE, tmp_path, 18)  # noqa: SLF001 - as above
    (line,) = judged(copy(), texts).uncertain
    assert line.startswith("roles are compared by the catalogue alone: ")
    assert "not here" in line
