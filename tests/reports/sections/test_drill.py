"""The quarter's drills in its report: every step with its time, and what failed or is missing in one sentence."""

from datetime import UTC, datetime

from tests.drills.stored import a_step, put_drill
from tests.lab import Lab
from upkeep.reports.sections.drill import drill
from upkeep.sources.rows import Rows
from upkeep.store.migrate import migrate
from upkeep.window import Window

QUARTER = Window(datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC))
EARLIER = Window(datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC))


def test_every_step_is_shown_and_what_went_wrong_is_in_the_sentence(lab: Lab) -> None:
    migrate(lab.endpoint)
    at = QUARTER.end
    steps = [
        a_step(at, 1, name="ring", kind="person", result="planned", seconds=None, expected_seconds=1200.0, message="ask"),
        a_step(at, 2, name="restore it", kind="restore", seconds=100.0),
        a_step(at, 3, name="smoke", result="failed", message="exit status 3"),
        a_step(at, 4, name="roles", kind="needed", result="missing", seconds=None, expected_seconds=None),
    ]
    put_drill(lab, "shop", QUARTER, steps)
    put_drill(lab, "shop", EARLIER, [a_step(EARLIER.end, 1)])
    with lab.endpoint.connect("read") as connection:
        found = drill.make(Rows(connection), QUARTER)
        nothing = drill.make(Rows(connection), Window(QUARTER.end, datetime(2027, 1, 1, tzinfo=UTC)))
    assert nothing is None
    assert found is not None
    assert found.text == "shop: 1 of 3 steps done in 2.2 min, 2 min by the plan (smoke failed, roles missing)"
    assert found.rows[0] == ("shop", "1", "ring (person)", "planned", "", "20 min", "ask")
    assert found.rows[1][4:6] == ("1.7 min", "1 min")
    assert found.rows[3][:4] == ("shop", "beside the plan", "roles (needed)", "missing")
