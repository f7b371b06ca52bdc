"""Classes of a package are found by walking, each once, whichever module it is imported into."""

from upkeep import signals
from upkeep.members import subclasses
from upkeep.signals import kinds
from upkeep.signals.kinds.query import QueryPlace
from upkeep.signals.place import SignalPlace
from upkeep.signals.registry import places


def test_every_kind_is_found_once() -> None:
    found = subclasses(kinds, SignalPlace)
    assert QueryPlace in found
    assert len(found) == len(set(found))
    assert SignalPlace not in found
    assert places() == found


def test_nothing_of_another_base_is_found() -> None:
    assert subclasses(signals, int) == ()


def test_every_kind_says_its_own_name() -> None:
    named = [str(place.model_fields["kind"]) for place in places()]
    assert len(set(named)) == len(named), "two kinds have the same literal"
