"""Each kind in each store, struck at a part of its calls by one fault each, in turn; `make kill-matrix` strikes at all by all."""

import pytest

from tests.kill.rotation import matrix
from tests.lab import Lab
from tests.rotation.world import FAULTS, KINDS, STORES

EACH = 7


@pytest.mark.slow
@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize("kind", KINDS)
def test_the_application_logs_in_at_every_moment_and_a_rerun_ends_right(lab: Lab, kind: str, store: str) -> None:
    turn = KINDS.index(kind) + STORES.index(store)
    with matrix(lab, kind, store) as job:
        assert len(job.points) > EACH
        struck = [(number, FAULTS[(turn + number) % len(FAULTS)]) for number in range(turn % EACH, len(job.points), EACH)]
        wrong = {(job.points[number], fault): found for number, fault in struck if (found := job.strike(number, fault))}
    assert not wrong
