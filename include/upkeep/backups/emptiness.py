"""Whether a database is as new: empty of everything that template0 has not, whatever kinds of objects the server knows."""

from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg
    from psycopg.sql import Composed

# Large objects may have any number, and are described by the catalog of their data; all others that initdb did not make have at
# least FirstNormalObjectId.
_LARGE_OBJECTS = "pg_largeobject_metadata"


def contents(connection: "psycopg.Connection[Any]") -> list[str]:
    """The first five things, in PostgreSQL's own words, that a new database does not have."""
    from psycopg.sql import SQL

    catalogs = connection.execute(_sql("catalogs")).fetchall()
    made = [_made(name) for name, _ in catalogs]
    granted = [_granted(name, column) for name, column in catalogs if column]
    # Catalogs' names come from the server and are quoted; the rest of the statement is ours.
    statement = SQL(_sql("not_empty").decode()).format(
        made=SQL(" union all ").join(made), granted=SQL(" union all ").join(granted)
    )
    return [str(row[0]) for row in connection.execute(statement)]


def _made(catalog: str) -> "Composed":
    from psycopg.sql import SQL, Identifier

    table = Identifier("pg_catalog", catalog)
    if catalog == _LARGE_OBJECTS:
        return SQL("select 'pg_catalog.pg_largeobject'::pg_catalog.regclass::pg_catalog.oid, c.oid from {} as c").format(table)
    return SQL("select c.tableoid, c.oid from {} as c where c.oid >= 16384").format(table)


def _granted(catalog: str, column: str) -> "Composed":
    from psycopg.sql import SQL, Identifier

    return SQL(
        "select c.tableoid, c.oid from {catalog} as c left join pg_catalog.pg_init_privs as i"
        " on i.classoid = c.tableoid and i.objoid = c.oid and i.objsubid = 0"
        " where c.oid < 16384 and c.{column} is distinct from i.initprivs"
    ).format(catalog=Identifier("pg_catalog", catalog), column=Identifier(column))


def _sql(name: str) -> bytes:
    return (files("upkeep.backups") / f"{name}.sql").read_bytes()
