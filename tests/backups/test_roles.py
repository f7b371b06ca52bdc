"""Globals as a scratch server runs them."""

from upkeep.backups.roles import for_scratch


def test_memberships_lose_their_grantor_and_tablespaces_their_place() -> None:
    text = (
        "CREATE ROLE app;\n"
        "GRANT pg_monitor TO app WITH INHERIT TRUE GRANTED BY postgres;\n"
        'GRANT "odd; role" TO app GRANTED BY "who ""did"" it";\n'
        "\n--\n-- Tablespaces\n--\nCREATE TABLESPACE fast LOCATION '/ssd';\n"
    )
    assert for_scratch(text) == 'CREATE ROLE app;\nGRANT pg_monitor TO app WITH INHERIT TRUE;\nGRANT "odd; role" TO app;\n'
