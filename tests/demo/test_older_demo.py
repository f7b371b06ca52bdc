"""A start over the data of an older version: what the schema lacks is added; where it was another one, the way out is said."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.demo.places import open_to_servers
from upkeep.demo import servers
from upkeep.demo.state import State
from upkeep.errors import BrokenError, UpkeepError
from upkeep.sources.postgres import Endpoint
from upkeep.sources.scratch import ScratchServer, free_port
from upkeep.store import migrate as migrating


@dataclass(frozen=True)
class Begun:
    """A report server and its state, and its database once prepared."""

    server: ScratchServer
    state: State

    def prepare(self) -> Endpoint:
        """What a start does with them."""
        return servers.prepare_reports(self.server, self.state)


@pytest.fixture
def begun(tmp_path: Path) -> Iterator[Begun]:
    open_to_servers(tmp_path)
    state = State.load(tmp_path)
    state.ports = {"report database": free_port()}
    server = servers.report_server(tmp_path, state)
    try:
        server.start()
        yield Begun(server, state)
    finally:
        server.remove()


def test_what_an_older_demo_lacks_is_added_and_a_schema_of_another_version_says_the_way_out(
    begun: Begun, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = migrating.migrations()
    older = dict(list(every.items())[:5])
    with monkeypatch.context() as patch:
        patch.setattr(migrating, "migrations", lambda: older)
        begun.prepare()
    store = begun.prepare()
    assert migrating.pending(store) == []
    with store.connect("older") as connection:
        connection.execute("update upkeep.migration set checksum = 'another' where name = %s", [next(iter(every))])
    with pytest.raises(UpkeepError, match="another version of Upkeep: `make clean`") as told:
        begun.prepare()
    assert next(iter(every)) in str(told.value)


def test_what_is_no_matter_of_versions_is_told_as_it_is(begun: Begun, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_endpoint: Endpoint) -> list[str]:
        raise BrokenError("the server is away", retry=True)

    monkeypatch.setattr(servers, "migrate", away)
    with pytest.raises(BrokenError, match="the server is away"):
        begun.prepare()
