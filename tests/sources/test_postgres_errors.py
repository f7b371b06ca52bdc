"""What a server that ran out of something is said to need."""

import pytest

from tests.lab import Lab
from upkeep.backups.psql import failure
from upkeep.errors import BrokenError
from upkeep.sources.postgres_errors import SHORTAGES, translate_errors


@pytest.mark.parametrize("state", SHORTAGES)
def test_a_server_that_ran_short_is_not_taken_for_a_broken_connection(lab: Lab, state: str) -> None:
    raising = f"do $$ begin raise exception 'nothing left' using errcode = '{state}'; end $$"
    with lab.endpoint.connect("a test") as connection:
        with pytest.raises(BrokenError, match="the server ran short: nothing left") as error, translate_errors():
            connection.execute(raising.encode())
        assert connection.execute("select 1").fetchone() == (1,)
    assert (error.value.remedy, error.value.retry) == (SHORTAGES[state], True)


@pytest.mark.parametrize("state", SHORTAGES)
def test_nor_is_it_by_a_session_that_copies_rows(state: str) -> None:
    error = failure(f"psql:<stdin>:1: ERROR:  {state}: out of it\nLOCATION:  somewhere")
    assert (error.sqlstate, error.remedy, error.retry) == (state, SHORTAGES[state], True)
