"""A login that is rotated behind a real PgBouncer: by its query, by its file of users, and with a user that it forces."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.lab import Lab
from tests.pgbouncer import pgbouncer
from tests.rotation.world import FIRST, GRACE, World, users, world
from upkeep.errors import BrokenError, CannotAskError
from upkeep.rotation.rotate import Rotator
from upkeep.rotation.stages import Stage
from upkeep.sources.postgres import Endpoint

QUERY = "auth_query = select usename, passwd from pg_catalog.pg_shadow where usename = $1"


@contextmanager
def pooled(
    lab: Lab, folder: Path, *more: str, forced: str = "", kind: str = "postgres_users"
) -> Iterator[tuple[World, Endpoint]]:
    """The shop, whose secret leads through a pooler."""
    to = lab.endpoint
    folder.chmod(0o755)
    with (
        world(lab, folder, kind, "text file") as made,
        pgbouncer(folder / "pooler", to, "transaction", forced=forced, more=more) as place,
    ):
        through = made.first.replaced(host=place.host, port=str(place.port))
        (folder / "shop.secret").write_text(through.text)
        made.first = through
        yield made, place


def test_by_its_query_it_works_through_the_whole_rotation(lab: Lab, tmp_path: Path) -> None:
    with pooled(lab, tmp_path, f"auth_user = {lab.endpoint.user}", QUERY) as (made, place):
        for _ in range(2):
            before = made.current
            assert made.rotator().advance("by hand").rotated
            assert made.current.get("port") == str(place.port)
            made.pass_time(GRACE + timedelta(minutes=1))
            made.look()
            lab.run(f"select pg_terminate_backend(pid) from pg_stat_activity where usename = '{before.get('username')}'")
            assert made.rotator().advance().ended == before.get("username"), "once the pooler has no session of it"
            assert made.service.is_dead(before)
        assert not made.failed


def test_sessions_that_the_pooler_keeps_are_told_before_the_old_one_ends(lab: Lab, tmp_path: Path) -> None:
    with pooled(lab, tmp_path, f"auth_user = {lab.endpoint.user}", QUERY) as (made, place):
        made.rotator().advance("by hand")
        with replace(place, user=users(lab)[0], password=FIRST).connect("reports") as reports:
            reports.execute("select 1")
            made.pass_time(GRACE + timedelta(minutes=1))
            assert made.rotator().advance().uses
        assert not made.failed


def test_a_file_of_users_is_told_with_what_to_put_there_and_is_verified(lab: Lab, tmp_path: Path) -> None:
    with pooled(lab, tmp_path, f"admin_users = {lab.endpoint.user}") as (made, place):
        file = tmp_path / "pooler" / "users"
        _add(file, lab, users(lab)[0])
        _reload(place)
        made.look()
        for _ in range(2):
            with pytest.raises(CannotAskError, match="passwords in a file of its own") as raised:
                made.rotator().advance("by hand")
            assert "reload" in raised.value.remedy
            assert made.current == made.first
        printed = lab.value(raised.value.remedy.partition(": ")[2].partition(";")[0])
        file.write_text(f"{file.read_text()}{printed}\n")
        with pytest.raises(CannotAskError):
            made.rotator().advance("by hand")  # it was not reloaded
        _reload(place)
        assert made.rotator().advance("by hand").rotated
        assert made.current.get("username") == users(lab)[1]
        assert not made.failed


@pytest.mark.parametrize("known_by", ["its password", "its verifier"])
def test_a_user_that_the_pooler_forces_is_refused_by_name_before_anything_is_done(
    lab: Lab, tmp_path: Path, known_by: str
) -> None:
    """By a verifier PgBouncer 1.18 tries the client's keys for the forced user, so that even the right password is refused."""
    forced = f"user={lab.endpoint.user} password={lab.endpoint.password}"
    with pooled(lab, tmp_path, f"admin_users = {lab.endpoint.user}", forced=forced) as (made, place):
        _add(tmp_path / "pooler" / "users", lab, users(lab)[0], FIRST if known_by == "its password" else None)
        _reload(place)
        with pytest.raises(CannotAskError, match=f"{users(lab)[0]} becomes {lab.endpoint.user}") as raised:
            made.rotator().advance("by hand")
        assert "auth_query" in raised.value.remedy
        assert made.store.read(Stage.PENDING) is None
        assert not lab.value(f"select rolcanlogin from pg_roles where rolname = '{users(lab)[1]}'")


def declared(made: World, pooler: str | None = "auth_query") -> Rotator:
    """A rotator of one user, whose inventory says this of its pooler."""
    rotator = made.rotator()
    service: Any = made.service
    kind = service.kind.model_copy(update={"pooler": pooler})
    return replace(rotator, service=replace(service, kind=kind))


def test_one_user_by_the_poolers_query_works_through_the_whole_rotation(lab: Lab, tmp_path: Path) -> None:
    with pooled(lab, tmp_path, f"auth_user = {lab.endpoint.user}", QUERY, kind="postgres_user") as (made, place):
        made.look()
        assert declared(made).advance("by hand").rotated
        made.look()
        assert made.service.is_dead(made.first)
        assert declared(made).roll_back().rotated
        made.look()
        assert made.current.get("port") == str(place.port)
        assert not made.failed


def test_one_user_behind_a_pooler_of_which_nothing_is_said_is_refused_before_anything_is_done(lab: Lab, tmp_path: Path) -> None:
    with pooled(lab, tmp_path, f"auth_user = {lab.endpoint.user}", QUERY, kind="postgres_user") as (made, _):
        with pytest.raises(CannotAskError, match="with passwords in a file of its own it would refuse") as raised:
            declared(made, None).advance("by hand")
        assert "pooler: auth_query" in raised.value.remedy
        assert made.store.read(Stage.PENDING) is None
        assert not made.scene.refused(made.current)


def test_one_user_in_a_poolers_file_though_it_was_said_to_have_a_query_is_told_and_can_be_taken_back(
    lab: Lab, tmp_path: Path
) -> None:
    """The server's own door is the proof: a pooler with sessions from before would let the old password in."""
    with pooled(lab, tmp_path, f"admin_users = {lab.endpoint.user}", kind="postgres_user") as (made, place):
        _add(tmp_path / "pooler" / "users", lab, users(lab)[0], FIRST)
        _reload(place)
        with pytest.raises(CannotAskError, match="passwords in a file of its own"):
            declared(made).advance("by hand")
        assert made.current == made.first
        declared(made).roll_back()
        through = replace(place, user=users(lab)[0], password=FIRST, database=lab.database)
        through.connect("shop").close()
        assert made.store.read(Stage.PENDING) is None


def test_one_user_whose_altering_login_goes_through_a_pooler_is_told(lab: Lab, tmp_path: Path) -> None:
    with pooled(lab, tmp_path, f"auth_user = {lab.endpoint.user}", QUERY, kind="postgres_user") as (made, place):
        service: Any = made.service
        admin = replace(service.admin, host=place.host, port=place.port)
        with pytest.raises(CannotAskError, match="may know another password than the server"):
            replace(service, admin=admin).check(made.first)


def test_a_pooler_that_is_away_is_asked_later(lab: Lab, tmp_path: Path) -> None:
    with pooled(lab, tmp_path) as (made, _):
        (tmp_path / "shop.secret").write_text(made.first.replaced(port="9").text)
        with pytest.raises(BrokenError) as raised:
            made.rotator(applied=False).advance("by hand")
        assert raised.value.retry
        assert made.store.read(Stage.PENDING) is None


def _add(file: Path, lab: Lab, user: str, password: str | None = None) -> None:
    verifier = password or lab.value(f"select rolpassword from pg_authid where rolname = '{user}'")
    file.write_text(f'{file.read_text()}"{user}" "{verifier}"\n')


def _reload(place: Endpoint) -> None:
    where = f"host={place.host} port={place.port} user={place.user} dbname=pgbouncer"
    done = subprocess.run(
        [shutil.which("psql") or "psql", where, "-qc", "reload"], env={"PGPASSWORD": str(place.password)}, check=False, timeout=20
    )
    assert done.returncode == 0
    time.sleep(0.3)
