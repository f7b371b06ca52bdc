"""
Duties: what the programme does, made by decorators.

A duty is a plain function. Its folder is its area, its name is its name, the annotation of its first argument is the kind of
target it asks, its docstring is its text, and its keyword-only arguments with defaults are the thresholds that a target may
override in the inventory. Other arguments are given by their type, by the files of `given/`; a `Window` makes the duty dated.
"""

import inspect
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, get_type_hints

from upkeep.answer import Answer, Json, Metric
from upkeep.decisions.person_asked import asks
from upkeep.decisions.plan import Plan
from upkeep.decisions.question import Question
from upkeep.need import Need
from upkeep.targets.target import Target
from upkeep.window import Cadence, Window

Threshold = float | int | str | bool


class History(Protocol):
    """What earlier windows of the same duty and target left behind; never the window being asked about."""

    def state(self) -> Json | None:
        """The `state` of the newest earlier answer that had one."""
        ...

    def metrics(self, name: str, days: int) -> list[Metric]:
        """Values of one metric over the `days` days before this window's end, oldest first, with `at` set."""
        ...


class Progress(Protocol):
    """Where long work says how far it has got."""

    def __call__(self, step: str, text: str = "") -> None:
        """`step` is one of the work's few named steps; `text` says more, with numbers."""
        ...


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment of the monotonic clock by which work is to have stopped; `of_s` is all the time there was, seconds."""

    at: float
    of_s: float

    @property
    def left_s(self) -> float:
        """Seconds that are left; never below zero."""
        return max(0.0, self.at - time.monotonic())

    @property
    def passed(self) -> bool:
        """Whether nothing is left."""
        return self.left_s <= 0

    def allows(self, seconds: float) -> bool:
        """Whether a piece of work that takes this long would end in time."""
        return seconds <= self.left_s


@dataclass(frozen=True, slots=True)
class Applied:
    """What a job does once its plan was approved: a function of that plan, the target, and what it `takes` by type."""

    do: Callable[..., Answer]
    takes: Mapping[str, type]

    @classmethod
    def of(cls, function: Callable[..., Answer]) -> "Applied":
        """From a function `(plan, target, …)`; what decides is in the plan, so that it has no thresholds."""
        hints, parameters = get_type_hints(function), inspect.signature(function).parameters.values()
        if any(p.kind is p.KEYWORD_ONLY for p in parameters):
            raise ValueError(f"{function.__name__} takes thresholds: what is approved must not depend on anything but the plan")
        return cls(function, {p.name: hints[p.name] for p in list(parameters)[2:]})


@dataclass(frozen=True, slots=True)
class Duty:
    """
    One thing the programme does. `kind` is "check", "job" or "review".

    `after` names duties that are to have ended in the same run; `hours` is the longest that it may take; `queue` is Airflow's;
    `at_once` limits on how many targets a run works at a time.
    A review is signed, and a plan approved, by `signers` different people within `due_days` days. A job with `apply` makes a
    plan only, and does it when it was approved.
    """

    kind: str
    area: str
    name: str
    cadence: Cadence
    owner: str
    target: type[Target]
    needs: tuple[Need, ...]
    text: str
    thresholds: Mapping[str, Threshold]
    takes: Mapping[str, type]
    ask: Callable[..., Answer]
    after: tuple[str, ...] = ()
    hours: float = 1 / 6
    queue: str | None = None
    at_once: int | None = None
    signers: int = 1
    due_days: float = 7
    apply: Applied | None = None

    @property
    def asks_people(self) -> bool:
        """Whether what it finds may be a question to a person."""
        return self.kind == "review" or self.apply is not None

    @property
    def dated(self) -> bool:
        """Dated duties read sources that carry dates: they may be asked about the past."""
        return Window in self.takes.values()

    def waits_for(self, unmet: Collection[Need] | None) -> bool:
        """Whether it stays unknown while these needs are unmet; None stands for everything."""
        return unmet is None or any(need in unmet for need in self.needs)

    @property
    def title(self) -> str:
        """First line of the docstring, without its full stop."""
        return self.text.strip().splitlines()[0].rstrip(".")


def needs_of(duties: Iterable[Duty]) -> list[Need]:
    """What any of these duties needs, by name, each once."""
    return sorted({need for duty in duties for need in duty.needs}, key=lambda need: need.name)


def check(
    cadence: Cadence, *, owner: str, needs: tuple[Need, ...] = (), after: tuple[str, ...] = ()
) -> Callable[[Callable[..., Answer]], Duty]:
    """Make a check of a function that only reads."""

    def decorate(function: Callable[..., Answer]) -> Duty:
        return _duty("check", function, cadence, owner, needs, after=after)

    return decorate


def job(
    cadence: Cadence,
    *,
    owner: str,
    needs: tuple[Need, ...] = (),
    after: tuple[str, ...] = (),
    hours: float = 1,
    queue: str | None = None,
    at_once: int | None = None,
    approve: Callable[..., Answer] | None = None,
    signers: int = 1,
    due_days: float = 7,
) -> Callable[[Callable[..., Answer | Plan]], Duty]:
    """
    Make a job of a function that changes something and may be killed and run again at any point.

    With `approve`, the function changes nothing and returns a Plan, or an Answer when there is nothing to do. `approve(plan,
    target, …)` does it, once `signers` people have approved exactly that plan within `due_days` days and it still holds.
    """
    people: dict[str, Any] = {}
    if approve:
        _check_signing(signers, due_days)
        people = {"apply": Applied.of(approve), "signers": signers, "due_days": due_days}

    def decorate(function: Callable[..., Answer | Plan]) -> Duty:
        return _duty(
            "job", asks(function), cadence, owner, needs, after=after, hours=hours, queue=queue, at_once=at_once, **people
        )

    return decorate


def review(
    cadence: Cadence, *, owner: str, needs: tuple[Need, ...] = (), signers: int = 1, due_days: float = 7
) -> Callable[[Callable[..., Answer | Question]], Duty]:
    """
    Make a review of a function that gathers the evidence for a question to a person, and returns that question.

    `signers` people must sign (1 or 2), within `due_days` days. Nobody waits for them: no answer is missed, never approved.
    """
    _check_signing(signers, due_days)

    def decorate(function: Callable[..., Answer | Question]) -> Duty:
        return _duty("review", asks(function), cadence, owner, needs, signers=signers, due_days=due_days)

    return decorate


def _check_signing(signers: int, due_days: float) -> None:
    if signers not in {1, 2} or due_days <= 0:
        raise ValueError(f"what people sign has 1 or 2 signers and is due after some days, not {signers} and {due_days}")


def _duty(
    kind: str, function: Callable[..., Answer], cadence: Cadence, owner: str, needs: tuple[Need, ...], **order: Any
) -> Duty:
    hints = get_type_hints(function)
    parameters = inspect.signature(function).parameters.values()
    given = [p.name for p in parameters if p.kind is not p.KEYWORD_ONLY]
    return Duty(
        kind=kind,
        area=function.__module__.split(".")[-2],
        name=function.__name__,
        cadence=cadence,
        owner=owner,
        target=hints[given[0]],
        needs=needs,
        text=inspect.getdoc(function) or "",
        thresholds={p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY},
        takes={name: hints[name] for name in given[1:]},
        ask=function,
        **order,
    )
