"""Databases whose statistics are up to date when a statement has ended: what is due is decided by them."""

import pytest

from tests.lab import Lab

_FLUSHED_ON_DEMAND = 150000


class SettledLab(Lab):
    """A database in which what a statement did is counted before the next one begins, however busy the machine is."""

    def run(self, sql: str) -> None:
        """Run statements as any lab does. An ended session may else report its rows after a later ANALYZE counted them."""
        with self.endpoint.connect("plant") as connection:
            connection.execute(sql.encode())
            if connection.info.server_version >= _FLUSHED_ON_DEMAND:
                connection.execute("select pg_catalog.pg_stat_force_next_flush()")


def _settled(made: Lab) -> Lab:
    return SettledLab(made.server, made.database, made.stack)


@pytest.fixture(name="lab")
def settled_lab(lab: Lab) -> Lab:
    """As everywhere, and settled."""
    return _settled(lab)


@pytest.fixture(name="every_lab")
def settled_every_lab(every_lab: Lab) -> Lab:
    """As everywhere, and settled."""
    return _settled(every_lab)
