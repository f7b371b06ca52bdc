"""What a server's notices mean, whatever language they are in."""

import pytest

from upkeep.maintenance.notices import Notice, outcome_of
from upkeep.maintenance.work import Outcome

WORKED = Notice("INFO", "00000", "vacuume \u00ab shop.public.t \u00bb")
REFUSED = Notice("WARNING", "01000", "droit refus\u00e9 pour ex\u00e9cuter VACUUM sur \u00ab t \u00bb, ignor\u00e9")
SKIPPED = Notice("WARNING", "01000", 'permission denied to analyze "part", skipping it')


@pytest.mark.parametrize(
    ("messages", "lacking", "outcome"),
    [
        ([WORKED], "a part", Outcome.DONE),
        ([REFUSED], "", Outcome.NOT_PERMITTED),
        ([WORKED, Notice("WARNING", "01000", "contournement de la maintenance non essentielle")], "", Outcome.DONE),
        ([WORKED, SKIPPED], "a part", Outcome.NOT_PERMITTED),
        ([WORKED, REFUSED], "a part", Outcome.NOT_PERMITTED),
        ([WORKED, Notice("WARNING", "01000", 'skipping "far" --- cannot analyze this foreign table')], "", Outcome.DONE),
        ([WORKED, REFUSED, Notice("WARNING", "55P03", "ignore la vacuum de t")], "a part", Outcome.LOCKED),
        ([Notice("WARNING", "55P03", "ignore la vacuum de t")], "", Outcome.LOCKED),
        ([Notice("WARNING", "42P01", "la relation n'existe plus")], "", Outcome.VANISHED),
    ],
    ids=[
        "done", "refused in French", "failsafe in French", "a part refused", "a part refused in French", "a foreign part",
        "a part locked", "locked", "gone",
    ],
)  # fmt: skip
def test_a_warning_alone_is_not_done_in_any_language(messages: list[Notice], lacking: str, outcome: Outcome) -> None:
    assert outcome_of(None, messages, gave_way=False, late=False, lacking=lambda: lacking)[0] is outcome


def test_which_part_it_was_is_said() -> None:
    outcome = outcome_of(
        None, [WORKED, REFUSED], gave_way=False, late=False, lacking=lambda: "not permitted on 1 part, such as a.b"
    )
    assert outcome == (Outcome.NOT_PERMITTED, f"not permitted on 1 part, such as a.b: {REFUSED.text}")
