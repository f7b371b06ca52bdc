"""What a server's notices mean, whatever language they are in."""

import pytest

from upkeep.maintenance.notices import Said, outcome_of
from upkeep.maintenance.work import Outcome

WORKED = Said("INFO", "00000", "vacuume \u00ab shop.public.t \u00bb")
REFUSED = Said("WARNING", "01000", "droit refus\u00e9 pour ex\u00e9cuter VACUUM sur \u00ab t \u00bb, ignor\u00e9")


@pytest.mark.parametrize(
    ("said", "lacking", "outcome"),
    [
        ([WORKED], "a part", Outcome.DONE),
        ([REFUSED], "", Outcome.NOT_PERMITTED),
        ([WORKED, Said("WARNING", "01000", "contournement de la maintenance non essentielle")], "", Outcome.DONE),
        ([WORKED, Said("WARNING", "01000", 'permission denied to analyze "part", skipping it')], "a part", Outcome.NOT_PERMITTED),
        ([WORKED, REFUSED], "a part", Outcome.NOT_PERMITTED),
        ([WORKED, Said("WARNING", "01000", 'skipping "far" --- cannot analyze this foreign table')], "", Outcome.DONE),
        ([WORKED, REFUSED, Said("WARNING", "55P03", "ignore la vacuum de t")], "a part", Outcome.LOCKED),
        ([Said("WARNING", "55P03", "ignore la vacuum de t")], "", Outcome.LOCKED),
        ([Said("WARNING", "42P01", "la relation n'existe plus")], "", Outcome.VANISHED),
    ],
    ids=[
        "done", "refused in French", "failsafe in French", "a part refused", "a part refused in French", "a foreign part",
        "a part locked", "locked", "gone",
    ],
)  # fmt: skip
def test_a_warning_alone_is_not_done_in_any_language(said: list[Said], lacking: str, outcome: Outcome) -> None:
    assert outcome_of(None, said, gave_way=False, late=False, lacking=lambda: lacking)[0] is outcome


def test_which_part_it_was_is_said() -> None:
    said = outcome_of(None, [WORKED, REFUSED], gave_way=False, late=False, lacking=lambda: "not permitted on 1 part, such as a.b")
    assert said == (Outcome.NOT_PERMITTED, f"not permitted on 1 part, such as a.b: {REFUSED.text}")
