"""The shops whose backups are spoiled."""

from collections.abc import Iterator

import pytest

from tests.backups.score.scene import Scene, dropped, make
from upkeep.backups.destination import Destination
from upkeep.sources.scratch import ScratchServer


@pytest.fixture(scope="module")
def scene(server: ScratchServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Backups of them; the shops are gone in the end."""
    made = make(server, tmp_path_factory.mktemp("shops"))
    yield made
    for name in ("shop", "other_shop"):
        with dropped(Destination(server.endpoint(), name)):
            pass
