"""Empty books for each test."""

from tests.ledger.conftest import costs_database, ledger

__all__ = ["costs_database", "ledger"]
