"""What pastes, and the words around it, for every way in which duties write a remedy."""

from datetime import UTC, datetime, timedelta

import pytest

from upkeep.remedy import HOLDS, holds, momentary, parts

CASES = {
    "vacuum (analyze) public.a;": ["sql vacuum (analyze) public.a;"],
    "drop index concurrently public.a; -- 3 days unread": ["sql drop index concurrently public.a;", "words 3 days unread"],
    "-- see its plan\nexplain select $1 from t where a = 'x; y'; -- with real values": [
        "words see its plan",
        "sql explain select $1 from t where a = 'x; y';",
        "words with real values",
    ],
    "correct the file, then select pg_reload_conf(); and ask again": [
        "words correct the file, then",
        "sql select pg_reload_conf();",
        "words and ask again",
    ],
    "alter system set archive_mode = 'on'; alter system set archive_command = '…'; -- then restart": [
        "sql alter system set archive_mode = 'on';\nalter system set archive_command = '…';",
        "words then restart",
    ],
    "select pg_terminate_backend(7); -- then let it commit in time, or: alter role a set lock_timeout = '5min';": [
        "sql select pg_terminate_backend(7);",
        "words then let it commit in time, or:",
        "sql alter role a set lock_timeout = '5min';",
    ],
    "restore the newest into a scratch server and compare: upkeep restore b-1 --to scratch": [
        "words restore the newest into a scratch server and compare:",
        "command upkeep restore b-1 --to scratch",
    ],
    "pg_checksums --enable -D <data directory> -- with the server stopped; on a replica first": [
        "command pg_checksums --enable -D <data directory>",
        "words with the server stopped; on a replica first",
    ],
    "grant pg_monitor to upkeep;": ["sql grant pg_monitor to upkeep;"],
    "grant pg_monitor to upkeep": ["sql grant pg_monitor to upkeep;"],
    "do $$ begin perform 1; end $$; -- once": ["sql do $$ begin perform 1; end $$;", "words once"],
    'alter table "a;b" reset (autovacuum_enabled);': ['sql alter table "a;b" reset (autovacuum_enabled);'],
    "alter domain public.d validate constraint c; -- where it fails it names what to correct first": [
        "sql alter domain public.d validate constraint c;",
        "words where it fails it names what to correct first",
    ],
    "alter event trigger e enable;": ["sql alter event trigger e enable;"],
    "alter routine public.f(a integer) set search_path = pg_catalog, pg_temp; -- and its schema": [
        "sql alter routine public.f(a integer) set search_path = pg_catalog, pg_temp;",
        "words and its schema",
    ],
    "alter collation public.c refresh version;": ["sql alter collation public.c refresh version;"],
    # Near misses: English that begins like SQL, and ends in no statement.
    "set password_encryption = 'scram-sha-256' and give the role a new password with \\password in psql": [
        "words set password_encryption = 'scram-sha-256' and give the role a new password with \\password in psql"
    ],
    "start the standby again, or drop its slot and take it out of the inventory if it was retired": [
        "words start the standby again, or drop its slot and take it out of the inventory if it was retired"
    ],
    "see the log; set it; then wait": ["words see the log; set it; then wait"],
    "give people `on_call:` numbers, 1 is called first": ["words give people `on_call:` numbers, 1 is called first"],
    "": [],
}


@pytest.mark.parametrize("text", CASES)
def test_what_pastes_is_apart_from_words(text: str) -> None:
    assert [f"{part.kind} {part.text}" for part in parts(text)] == CASES[text]


MOMENTARY = ["select pg_terminate_backend(12);", "select pg_cancel_backend( 3 ); -- x", "kill -9 77", "end pid 12"]
LASTING = ["vacuum t;", "select pg_drop_replication_slot('a12');", "killed: see the log", "see pg_terminate_backend"]


@pytest.mark.parametrize("text", MOMENTARY)
def test_a_process_id_is_true_for_a_moment(text: str) -> None:
    asked = datetime(2026, 11, 26, 6, tzinfo=UTC)
    assert momentary(text)
    assert holds(text, asked, asked + HOLDS)
    assert not holds(text, asked, asked + HOLDS + timedelta(seconds=1))


@pytest.mark.parametrize("text", LASTING)
def test_other_remedies_hold(text: str) -> None:
    asked = datetime(2026, 11, 26, 6, tzinfo=UTC)
    assert holds(text, asked, asked + timedelta(days=400))
