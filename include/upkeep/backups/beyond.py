"""What only a superuser may make, said before anything is done by an administrator who is none."""

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NoReturn

from upkeep.backups.finishing import is_superuser
from upkeep.backups.manifest import Entry, Manifest
from upkeep.backups.names import parts_of

if TYPE_CHECKING:
    import psycopg

_KINDS = {
    "access method", "event trigger", "foreign data wrapper", "language", "operator class", "operator family",
    "text search parser", "text search template",
}  # fmt: skip
_UNTRUSTED_LANGUAGES = {"c", "internal"}
_UNTRUSTED = """
    select v.name::pg_catalog.text
    from pg_catalog.pg_available_extensions as a
    inner join pg_catalog.pg_available_extension_versions as v on v.name = a.name and v.version = a.default_version
    where v.superuser and not v.trusted
"""
_OURS = "plpgsql"


def beyond(admin: "psycopg.Connection[Any]", manifest: Manifest) -> tuple[str, ...]:
    """What of a backup needs a superuser on an ordinary server; a managed one may allow some of it."""
    if is_superuser(admin):
        return ()
    untrusted = {row[0] for row in admin.execute(_UNTRUSTED)}
    found = [f"{entry.kind} {entry.key} {why}" for entry in manifest.entries for why in _why(entry, untrusted)]
    return tuple(found)


def check_extensions(connection: "psycopg.Connection[Any]", manifest: Manifest, refuse: Callable[[str, str], NoReturn]) -> None:
    """Try each extension in the new database and take it back: before any data is there. A superuser may do all."""
    import psycopg
    from psycopg.sql import SQL, Identifier

    names = sorted({parts_of(entry.key)[0] for entry in manifest.entries if entry.kind == "extension"} - {_OURS})
    if is_superuser(connection) or not names:
        return
    refused = []
    with connection.transaction(force_rollback=True):
        connection.execute("create schema upkeep_trial; set local search_path to upkeep_trial")
        for name in names:
            try:
                with connection.transaction():
                    connection.execute(SQL("create extension if not exists {} cascade").format(Identifier(name)))
            except psycopg.errors.InsufficientPrivilege:
                refused.append(name)
            except psycopg.Error:  # wrong only here, such as a schema of its own: the restore itself will tell
                continue
    if refused:
        remedy = (
            "let a superuser create them in template1 or restore as one; the new database is empty and made again by the next try"
        )
        refuse(f"does not let this login create the extensions {', '.join(refused)}", remedy)


def _why(entry: Entry, untrusted: set[str]) -> Iterator[str]:
    definition = _definition(entry)
    if entry.kind in _KINDS:
        yield "is made by superusers only"
    if entry.kind == "extension" and parts_of(entry.key)[0] in untrusted:
        yield "is not trusted: a superuser must create it"
    if entry.kind in {"function", "procedure"} and str(definition.get("language", "")).lower() in _UNTRUSTED_LANGUAGES:
        yield "is of a language that only superusers may use"
    if entry.kind == "function" and definition.get("leakproof"):
        yield "is leakproof, which only superusers may say"
    if entry.kind == "publication" and definition.get("all tables"):
        yield "is for all tables, which only superusers may publish"


def _definition(entry: Entry) -> dict[str, Any]:
    try:
        definition = json.loads(entry.definition)
    except ValueError:
        return {}
    return definition if isinstance(definition, dict) else {}
