"""
What lies beside a backup for the day on which all else is lost: how to restore it with PostgreSQL's clients, zstd and age alone.

Both files are made from the same manifest that `upkeep restore` reads, and a test restores with them.
"""

from collections.abc import Iterator, Mapping
from importlib.resources import files as package_files
from shlex import quote
from typing import TYPE_CHECKING, Any

from upkeep.backups import creating, finishing, marks, stored_settings, tables
from upkeep.backups.definitions import ARCHIVE, GLOBALS, LARGE_OBJECTS
from upkeep.backups.manifest import NAME, Content, Manifest
from upkeep.backups.sequences import OBJECT as SEQUENCES
from upkeep.backups.unpacking import raw_name

if TYPE_CHECKING:
    from psycopg.sql import SQL, Composed

SCRIPT, MANUAL = "restore.sh", "RESTORE.md"


def files(manifest: Manifest, *, encrypted: bool) -> Mapping[str, bytes]:
    """The script and the manual of one backup, by name."""
    facts = {
        "id": manifest.id,
        "target": " ".join(manifest.target.split()),
        "database": " ".join(str(manifest.database["name"]).split()),
        "moment": f"{manifest.snapshot_at:%Y-%m-%d %H:%M:%S} UTC",
        "major": manifest.server_version,
        "encrypted": encrypted,
        "client_encoding": tables.encodings(manifest.encoding),
        "settings": quote(" ".join(f"-c {name}={_option(value)}" for name, value in tables.SETTINGS.items())),
        "archive": ARCHIVE,
        "globals": GLOBALS,
        "large_objects": LARGE_OBJECTS if _has_large_objects(manifest) else "",
        "sequences": SEQUENCES,
        "manifest": NAME,
        "sums": [f"{stored.sha256}  {stored.name}" for stored in manifest.objects],
        "create": list(_create(manifest)),
        "drop_public": not any((entry.kind, entry.key) == ("schema", "public") for entry in manifest.entries),
        "finish": list(_finish(manifest)),
        "rows": list(_rows(manifest)),
        "not_covered": manifest.not_covered,
    }
    script, manual = _rendered(f"{SCRIPT}.j2", facts), _rendered(f"{MANUAL}.j2", facts)
    # Names of the database must reach psql as they are; what else the script says may lose an accent.
    return {SCRIPT: script.encode(tables.codec(manifest.encoding), "replace"), MANUAL: manual.encode()}


def _rendered(template: str, facts: Mapping[str, Any]) -> str:
    from jinja2 import Environment, StrictUndefined

    text = (package_files("upkeep.backups") / template).read_text(encoding="utf-8")
    made = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)  # noqa: S701 - no HTML
    return made.from_string(text).render(facts)


def _option(value: str) -> str:
    return value.replace("\\", "\\\\").replace(" ", "\\ ")


def _has_large_objects(manifest: Manifest) -> bool:
    return any(content.key == tables.LARGE_OBJECTS and content.rows for content in manifest.contents)


def _rows(manifest: Manifest) -> Iterator[str]:
    """Calls of the script's functions, an object each."""
    seen: set[str] = set()
    for content in manifest.contents:
        for name in content.objects:
            raw = raw_name(name)
            if raw.endswith(".copy"):
                yield f"rows {quote(raw)} {quote(_copy_in(content, manifest.encoding))}"
            elif raw not in seen:
                yield f"script {quote(raw)}"
            seen.add(raw)


def _copy_in(content: Content, encoding: str) -> str:
    return tables.copy_in(content.root or content.name, content.columns, encoding)


def _create(manifest: Manifest) -> Iterator[str]:
    from psycopg.sql import SQL, Literal

    options = creating.options(manifest.database, manifest.server_version).items()
    clauses = SQL(" ").join(SQL("{} {}").format(SQL(name), Literal(value)) for name, value in options if value)
    yield _for_psql(SQL("create database {} template template0 {}").format(_database(), clauses))


def _finish(manifest: Manifest) -> Iterator[str]:
    from psycopg.sql import SQL, Identifier, Literal

    facts = manifest.database
    for role, settings in facts["settings"].items():
        for setting in settings or []:
            name, _, value = setting.partition("=")
            whom = SQL("alter role {} in database {}").format(Identifier(role), _database())
            subject = whom if role else SQL("alter database {}").format(_database())
            yield _for_psql(
                SQL("{} set {} to {}").format(subject, Identifier(*name.split(".")), stored_settings.value_of(name, value))
            )
    yield _for_psql(SQL("alter database {} owner to {}").format(_database(), Identifier(facts["owner"])))
    yield _for_psql(SQL("revoke all on database {} from public").format(_database()))
    for line in next((entry.grants for entry in manifest.entries if entry.kind == "database"), ()):
        yield _for_psql(finishing.grant(line, _database(), facts["owner"], {}))
    yield _for_psql(SQL("alter database {} connection limit {}").format(_database(), Literal(facts["connection_limit"])))
    yield _for_psql(SQL("comment on database {} is {}").format(_database(), Literal(marks.own_comment(facts.get("comment")))))


def _for_psql(statement: "Composed") -> str:
    return statement.as_string() + ";"


def _database() -> "SQL":
    """Psql's variable for the name that the caller of the script chose."""
    from psycopg.sql import SQL

    return SQL(':"name"')
