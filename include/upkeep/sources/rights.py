"""What a question needs before it can be asked: rights and extensions, each with the least grant that gives it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Right:
    """
    One thing a role needs.

    `test` is SQL that gives one boolean for the current session; `grant` is the statement that gives the right, where `{role}`
    stands for the quoted role; `without` says what cannot be seen without it. An `extension` with `preload` also needs its
    library in shared_preload_libraries.
    """

    name: str
    test: str
    grant: str
    without: str
    extension: str | None = None
    preload: bool = False

    @property
    def example(self) -> str:
        """The grant for a role called upkeep."""
        return self.grant.format(role="upkeep")

    def missing(self, session: object) -> str | None:
        """The grant for the role of a `Postgres` session that lacks it, else None. Raises BrokenError."""
        from upkeep.sources.postgres import Postgres

        if not isinstance(session, Postgres):
            raise TypeError(f"{self.name} is a right in PostgreSQL, and this is a {type(session).__name__}")
        return session.grant_for(self) if session.missing((self,)) else None


REACH = """
    select pg_catalog.format('grant usage on schema %%I to %%I;', namespace.nspname, current_user)
    from pg_catalog.pg_extension as extension
    inner join pg_catalog.pg_namespace as namespace
        on namespace.oid = extension.extnamespace
    where extension.extname = %s
    and not pg_catalog.has_schema_privilege(namespace.oid, 'usage')
"""
"""The grant for a role that may not look into the schema of an extension which is there."""
_USABLE = """
    select exists (
        select
        from pg_catalog.pg_extension as extension
        where extension.extname = '{name}'
        and pg_catalog.has_schema_privilege(extension.extnamespace, 'usage')
    )
"""

MONITOR = Right(
    name="pg_monitor",
    test="select pg_catalog.pg_has_role(current_user, 'pg_monitor', 'usage')",
    grant="grant pg_monitor to {role};",
    without="other sessions, their queries and most statistics",
)


def extension(name: str, without: str, *, preload: bool = False) -> Right:
    """The right to use an extension that must be created in the database, and preloaded by the server where it says so."""
    restart = f" -- and {name} in shared_preload_libraries, then a restart" if preload else ""
    return Right(
        name=name,
        test=_USABLE.format(name=name),
        grant=f"create extension if not exists {name};{restart}",
        without=without,
        extension=name,
        preload=preload,
    )


def function(signature: str, without: str) -> Right:
    """
    The right to call one function that only superusers may call by default, such as `pg_ls_dir(text)`.

    A server of a version that does not have the function needs no right.
    """
    found = f"pg_catalog.to_regprocedure('pg_catalog.{signature}')"
    return Right(
        name=signature,
        test=f"select coalesce(pg_catalog.has_function_privilege(current_user, {found}, 'execute'), true)",
        grant=f"grant execute on function pg_catalog.{signature} to {{role}};",
        without=without,
    )
