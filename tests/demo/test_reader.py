"""The login that the demo prints reads the report tables by their bare names, and writes none."""

from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from tests.demo.places import open_to_servers
from upkeep.demo import servers
from upkeep.demo.state import State
from upkeep.sources.scratch import free_port


@pytest.mark.slow
def test_the_printed_login_reads_and_cannot_write(tmp_path: Path) -> None:
    open_to_servers(tmp_path)
    state = State.load(tmp_path)
    state.ports = {"report database": free_port()}
    server = servers.report_server(tmp_path, state)
    try:
        server.start()
        for _ in range(2):
            store = servers.prepare_reports(server, state)
        reader = replace(store, user=servers.READER, password=state.secret(f"{servers.READER} database"))
        with reader.connect("reader") as connection:
            assert connection.execute("select count(*) from answer").fetchone() == (0,)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("delete from answer")
    finally:
        server.remove()
