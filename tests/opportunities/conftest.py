"""An account of AWS for each test, and books for its bill."""

from tests.checks.costs.conftest import cloud, costs_database, ledger

__all__ = ["cloud", "costs_database", "ledger"]
