"""Values that a login may be given for whatever it may set for itself, and that are unlike the usual ones."""

from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
from psycopg.sql import SQL, Identifier, Literal

# A limit in time that is too short for the session to begin is no other answer, it is none: these are merely short.
TIMES = {
    "idle_in_transaction_session_timeout": "3s",
    "idle_session_timeout": "3s",
    "lock_timeout": "1ms",
    "statement_timeout": "3s",
    "transaction_timeout": "3s",
}
# It ends the login of whoever does not have the library.
REFUSED = {"local_preload_libraries"}
STRINGS: dict[str, Sequence[str]] = {
    "DateStyle": ("SQL, DMY", "German", "Postgres, MDY"),
    "TimeZone": ("Asia/Kathmandu", "Pacific/Kiritimati"),
    "application_name": ("upkeep backup of nothing", "pg_dump"),
    "client_encoding": ("LATIN1", "SQL_ASCII", "EUC_JP"),
    "default_table_access_method": ("heap",),
    "default_text_search_config": ("german",),
    "lc_monetary": ("C", "C.UTF-8"),
    "search_path": ("hostile, pg_catalog", "hostile"),
    "restrict_nonsystem_relation_kind": ("view", "view, foreign-table"),
    "timezone_abbreviations": ("India", "Australia"),
}


def values_of(setting: dict[str, Any]) -> Sequence[str]:
    """Values unlike the usual one, in the order in which they are tried."""
    name, kind, usual = setting["name"], setting["vartype"], setting["boot_val"]
    if name in REFUSED:
        return ()
    if name in TIMES:
        return (TIMES[name],)
    if kind == "bool":
        return ("off" if usual == "on" else "on",)
    if kind == "enum":
        return [value for value in setting["enumvals"] if value != usual]
    if kind in {"integer", "real"}:
        return (setting["min_val"], setting["max_val"])
    return STRINGS.get(name, ())


def own_settings(connection: "psycopg.Connection[Any]") -> list[dict[str, Any]]:
    """Whatever a user may set for itself on this server."""
    from psycopg.rows import dict_row

    question = "select name, vartype, boot_val, min_val, max_val, enumvals from pg_settings where context = 'user' order by name"
    return connection.cursor(row_factory=dict_row).execute(question).fetchall()


def give(connection: "psycopg.Connection[Any]", role: str, round_: int) -> Iterator[str]:
    """Give a login the values of one round; yields the names of those that it could be given."""
    for setting in own_settings(connection):
        values = values_of(setting)
        if not values:
            continue
        value = SQL(", ").join(map(Literal, values[round_ % len(values)].split(", ")))
        try:
            connection.execute(SQL("alter role {} set {} to {}").format(Identifier(role), Identifier(setting["name"]), value))
        except psycopg.Error:
            continue
        yield setting["name"]
