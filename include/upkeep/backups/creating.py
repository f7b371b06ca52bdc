"""The words of `create database` that make a database like the original, on every server that can."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg
    from psycopg.sql import Composed

_PROVIDERS = {"c": "libc", "i": "icu", "b": "builtin"}
_PROVIDERS_SINCE, _BUILTIN_SINCE, _RULES_SINCE = 15, 17, 16
_ICU, _BUILTIN = "i", "b"
# Every build has "unicode".
_HAS_ICU = "select exists (select from pg_catalog.pg_collation as c where c.collprovider = 'i' and c.collname <> 'unicode')"
_MAY_USE = """
    select pg_catalog.has_tablespace_privilege(t.oid, 'create') from pg_catalog.pg_tablespace as t where t.spcname = %s
"""


def statement(admin: "psycopg.Connection[Any]", name: str, facts: Mapping[str, Any]) -> "Composed":
    """
    `create database` from the facts of another one.

    The version of its collation is the server's own: indexes are made anew. Its tablespace is taken where we may.
    """
    from psycopg.sql import SQL, Identifier, Literal

    wanted = options(facts, admin.info.server_version // 10000)
    clauses = [SQL("{} {}").format(SQL(key), Literal(value)) for key, value in wanted.items() if value]
    if _may_use(admin, facts.get("tablespace")):
        clauses.append(SQL("tablespace {}").format(Identifier(facts["tablespace"])))
    return SQL("create database {} template template0 {}").format(Identifier(name), SQL(" ").join(clauses))


def lacking(admin: "psycopg.Connection[Any]", facts: Mapping[str, Any]) -> str | None:
    """What this server lacks for such a database, as far as it can be known before."""
    major = admin.info.server_version // 10000
    if facts["locale_provider"] == _BUILTIN and major < _BUILTIN_SINCE:
        return "locales of its own"
    row = admin.execute(_HAS_ICU).fetchone()
    return "ICU, which the backup's locale needs" if facts["locale_provider"] == _ICU and not (row and row[0]) else None


def options(facts: Mapping[str, Any], major: int) -> dict[str, Any]:
    """Words of `create database` and their values, for a server of this major version."""
    provider = facts["locale_provider"]
    found = {"encoding": facts["encoding"], "lc_collate": facts["collate"], "lc_ctype": facts["ctype"]}
    if major >= _PROVIDERS_SINCE:
        found["locale_provider"] = _PROVIDERS[provider]
    if provider == _ICU:
        found["icu_locale"] = facts["locale"]
    if provider == _BUILTIN:
        found["builtin_locale"] = facts["locale"]
    if facts.get("icu_rules") and major >= _RULES_SINCE:
        found["icu_rules"] = facts["icu_rules"]
    return found


def _may_use(admin: "psycopg.Connection[Any]", tablespace: str | None) -> bool:
    if tablespace in {None, "pg_default"}:
        return False
    row = admin.execute(_MAY_USE, [tablespace]).fetchone()
    return bool(row and row[0])
