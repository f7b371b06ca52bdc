"""A clock that must not be looked at: what is dated gets time from its window alone."""

import functools
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, NoReturn

from upkeep.discovery import discover

_WAYS = ("now", "utcnow", "today")


class LookedAtClockError(AssertionError):
    """Something dated asked what time it is now."""


def _poisoned(kind: type) -> type:
    """A stand-in for a class of times that is one in all but this: it does not know what time it is."""

    def look(*_: object) -> NoReturn:
        raise LookedAtClockError(f"{kind.__name__} was asked for the present: time comes from the window")

    class Meta(type):
        """Values of the real class are values of this one."""

        def __instancecheck__(cls, value: object) -> bool:
            return isinstance(value, kind)

    return Meta(kind.__name__, (kind,), {way: look for way in _WAYS if hasattr(kind, way)})


_STAND_INS = {id(kind): _poisoned(kind) for kind in (datetime, date)}


@contextmanager
def poisoned_clock() -> Iterator[None]:
    """While inside, no module of Upkeep can tell what time it is; waiting and measuring how long something took go on."""
    modules = [module for name, module in list(sys.modules.items()) if name.startswith("upkeep.") and module]
    changed = [
        (module, name, value)
        for module in modules
        for name, value in list(vars(module).items())
        if id(value) in _STAND_INS or value is time.time
    ]
    for module, name, value in changed:
        setattr(module, name, _STAND_INS.get(id(value), _no_time))
    try:
        yield
    finally:
        for module, name, value in changed:
            setattr(module, name, value)


def _no_time() -> NoReturn:
    raise LookedAtClockError("time.time was called: time comes from the window")


def _guarded(ask: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(ask)
    def asked(*given: Any, **more: Any) -> Any:
        with poisoned_clock():
            return ask(*given, **more)

    return asked


@contextmanager
def dated_duties_without_a_clock() -> Iterator[int]:
    """While inside, every dated duty is asked without a clock, by whichever test asks it; gives how many there are."""
    dated = [duty for duty in discover() if duty.dated]
    before = [duty.ask for duty in dated]
    for duty in dated:
        object.__setattr__(duty, "ask", _guarded(duty.ask))
    try:
        yield len(dated)
    finally:
        for duty, ask in zip(dated, before, strict=True):
            object.__setattr__(duty, "ask", ask)
