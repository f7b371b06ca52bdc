"""Statements with their durations: calls, put together from the steps and plans that a log has of them."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta

from upkeep.formats.duration_steps import MOST_SESSIONS, Step, Timed, steps
from upkeep.formats.log_entries import Entry

MOST_PLANS = 2000
# A call's steps follow each other; the same statement an hour later is another call.
PAUSE = timedelta(seconds=5)
# What log times are rounded to.
ROUNDING = timedelta(milliseconds=2)


@dataclass(slots=True)
class _Session:
    """A call that may go on, and plans of which what they belong to has not ended."""

    call: Timed | None = None
    plans: list[Timed] = field(default_factory=list)


def timed(entries: Iterable[Entry]) -> Iterator[Timed]:
    """
    Calls in about the order in which they ended; always in the same for the same entries.

    One run of parse, bind and execute is one call with the time of all; a parse or bind of which no more was logged is one too.
    A plan belongs to its call: it comes before it in the simple protocol, after it in the extended one. Plans of statements that
    ran inside another are part of that one's time. A plan to which no call was logged is one.
    """
    sessions: OrderedDict[str, _Session] = OrderedDict()
    waiting = 0
    for step in steps(entries):
        session = sessions.setdefault(step.session, _Session())
        sessions.move_to_end(step.session)
        before = len(session.plans)
        if step.step is Step.PLAN:
            _add_plan(session, step)
        else:
            yield from _add_step(session, step)
        waiting += len(session.plans) - before
        while sessions and (len(sessions) > MOST_SESSIONS or waiting > MOST_PLANS):
            _, oldest = sessions.popitem(last=False)
            waiting -= len(oldest.plans)
            yield from _rest(oldest)
    for session in sessions.values():
        yield from _rest(session)


def _add_plan(session: _Session, plan: Timed) -> None:
    call = session.call
    if call and _tells(plan, call):
        session.call = None
        session.plans.append(plan)
        return
    if call and call.plan is None and _same(plan, call) and plan.micros <= call.micros:
        session.call = replace(call, plan=plan.plan)
        return
    while session.plans and _inside(session.plans[-1], plan):
        session.plans.pop()
    session.plans.append(plan)


def _add_step(session: _Session, step: Timed) -> Iterator[Timed]:
    own: list[Timed] = []
    others: list[Timed] = []
    if step.text is None and any(_tells(plan, step) for plan in session.plans):
        return
    for plan in session.plans:
        (own if _same(plan, step) and plan.micros <= step.micros else others).append(plan)
    session.plans = [] if step.session else others
    if step.session:
        yield from (plan for plan in others if not _inside(plan, step))
    longest = max(own, key=lambda plan: plan.micros, default=None)
    step = replace(step, plan=longest.plan) if longest else step
    before = session.call
    if before and _goes_on(before, step):
        step = replace(step, micros=before.micros + step.micros, plan=step.plan or before.plan)
    elif before:
        yield before
    session.call = step


def _rest(session: _Session) -> Iterator[Timed]:
    yield from session.plans
    if session.call:
        yield session.call


def _goes_on(call: Timed, step: Timed) -> bool:
    if Step.WHOLE in {call.step, step.step} or not step.session or step.text is None or step.text != call.text:
        return False
    if step.step is Step.FETCH:
        return call.step in {Step.EXECUTE, Step.FETCH}
    return call.step < step.step and step.begin - call.at <= PAUSE


def _tells(plan: Timed, bare: Timed) -> bool:
    """Whether a duration without text is told better by a plan: most of its time."""
    return bare.text is None and bare.session != "" and bare.micros / 2 <= plan.micros and _inside(plan, bare)


def _same(plan: Timed, call: Timed) -> bool:
    return plan.text is not None and call.text is not None and plan.text.split() == call.text.split()


def _inside(inner: Timed, outer: Timed) -> bool:
    """Whether it ran while the other did: a session does one thing after the other, unless one is part of the other."""
    if not inner.session or inner.micros > outer.micros:
        return False
    whole_seconds = not inner.at.microsecond and not outer.at.microsecond
    rounding = timedelta(0) if whole_seconds else min(ROUNDING, timedelta(microseconds=inner.micros / 2))
    return outer.begin <= inner.begin + rounding and inner.at <= outer.at + rounding
