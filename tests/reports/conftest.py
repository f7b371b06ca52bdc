"""A report database for each test."""

import pytest

from tests.lab import Lab


@pytest.fixture
def lab(reports: Lab) -> Lab:
    """A fresh one."""
    return reports
