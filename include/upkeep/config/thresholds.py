"""The inventory against the duties: thresholds that no duty has, or not of this kind, are refused with their line."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_type_hints

from upkeep.config.entries import entries
from upkeep.config.inventory import Inventory, load
from upkeep.config.yaml_document import Document, refused
from upkeep.discovery import broken_modules, discover
from upkeep.duty import Duty
from upkeep.errors import InventoryError
from upkeep.suggestions import nearest
from upkeep.targets.target import Target

_WORDS = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}


def checked(path: Path, duties: Sequence[Duty] | None = None) -> Inventory:
    """`load`, and the thresholds too; raises one InventoryError that lists every problem of both, a line each."""
    duties = discover() if duties is None else duties
    try:
        inventory, wrong = load(path), []
    except InventoryError as error:
        inventory, wrong = None, str(error).splitlines()
    wrong += [problem for problem in threshold_problems(path, duties) if problem not in wrong] if _readable(path) else []
    if inventory is None or wrong:
        raise refused(wrong)
    return inventory


def threshold_problems(path: Path, duties: Sequence[Duty]) -> Iterator[str]:
    """What is wrong with the thresholds of every target, a line each. Those of duties that cannot be imported are not judged."""
    document = Document(path)
    data = document.mapping()
    unread = {module.name for module in broken_modules()}
    for place, kind, entry in entries(data):
        fitting = {duty.name: duty for duty in duties if issubclass(kind, duty.target)}
        for name, given in _mapping(_mapping(entry).get("thresholds")).items():
            where = (*place, "thresholds", str(name))
            if str(name) in fitting:
                yield from _wrong_values(document, where, fitting[str(name)], _mapping(given))
            elif str(name) not in unread:
                yield document.say(where, _no_such_duty(str(name), kind, duties, fitting))


def threshold_types(duty: Duty) -> Mapping[str, type]:
    """What each threshold of a duty must be: bool, int, float or str, as its function is annotated."""
    hints = get_type_hints(duty.ask)
    return {name: hints[name] for name in duty.thresholds}


def fault_of(name: str, value: object, ought: type) -> str | None:
    """What is wrong with a value for this threshold, or None. A whole number serves where any number does."""
    if isinstance(value, dict | list | None):
        return None  # the models refuse it
    accepted = (int, float) if ought is float else (ought,)
    if type(value) not in accepted:
        return f"expected {_WORDS[ought]}, found {_WORDS.get(type(value), 'something else')}"
    if isinstance(value, int | float) and value < 0:
        return f"expected zero or more, found {value}"
    if isinstance(value, int | float) and value > 1 and name.endswith("_share") and "growth" not in name:
        return f"a share lies between 0 and 1 (0.8 is 80 %), found {value}"
    return None


def _wrong_values(document: Document, where: tuple[str | int, ...], duty: Duty, given: Mapping[Any, Any]) -> Iterator[str]:
    types = threshold_types(duty)
    for name, value in given.items():
        if str(name) not in duty.thresholds:
            problem = f"{duty.name} has no such threshold{nearest(str(name), duty.thresholds)}"
            yield document.say((*where, str(name)), problem)
        elif fault := fault_of(str(name), value, types[str(name)]):
            yield document.say((*where, str(name)), fault)


def _no_such_duty(name: str, kind: type[Target], duties: Sequence[Duty], fitting: Mapping[str, Duty]) -> str:
    elsewhere = next((duty for duty in duties if duty.name == name), None)
    if elsewhere:
        return f"{name} is asked of {elsewhere.target.section}, never of {kind.section}"
    return f"no duty is called that{nearest(name, fitting)}"


def _readable(path: Path) -> bool:
    try:
        Document(path).mapping()
    except InventoryError:
        return False
    return True


def _mapping(value: object) -> Mapping[Any, Any]:
    return value if isinstance(value, dict) else {}
