"""The form of a question: what is wrong with what was entered, and what follows from it."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from upkeep.decisions.question import Effect, Field, FieldKind, Question
from upkeep.suggestions import nearest

OWNER, DUE = "action_owner", "action_due"
LONGEST_TEXT = 2_000
_WHO_WHEN = ((OWNER, "Who does what is decided here"), (DUE, "By which day it is done"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionItem:
    """Work that was decided: what, how, about which thing, who does it, and by which day."""

    title: str
    remedy: str
    object: str
    owner: str
    due_on: date


@dataclass(frozen=True, slots=True)
class Consequences:
    """What follows from an answer: work for somebody, and a change of a file for a person to make."""

    actions: tuple[ActionItem, ...] = ()
    patch: str = ""


@dataclass(frozen=True, slots=True)
class Entered:
    """An answer as it was entered: the chosen option and the values of the form."""

    option: str
    values: Mapping[str, Any] = field(default_factory=dict)


def problems(question: Question, entered: Entered, people: Collection[str] = ()) -> list[str]:
    """What is wrong with an answer, a sentence each; empty when it may be kept. `people` are those of the inventory."""
    known = {each.name: each for each in question.fields}
    found = [f"{name} is no field of the form" for name in entered.values if name not in known]
    if entered.option not in question.options:
        found.append(f'"{entered.option}" is no answer to this; it is one of {", ".join(question.options)}')
    for each in question.fields:
        found += [f"{each.title}: {problem}" for problem in _wrong(each, entered.values.get(each.name), people)]
    if any(effect.action for _, effect in _effects(question, entered)):
        found += [f"{title} is missing: something is to be done" for name, title in _WHO_WHEN if not entered.values.get(name)]
    return found


def consequences(question: Question, entered: Entered) -> Consequences:
    """What follows from an answer that has no `problems`."""
    effects = list(_effects(question, entered))
    owner, due = str(entered.values.get(OWNER) or ""), entered.values.get(DUE)
    actions = tuple(
        ActionItem(title=e.action, remedy=e.remedy, object=f.object, owner=owner, due_on=date.fromisoformat(str(due)))
        for f, e in effects
        if e.action
    )
    accepted = [e.accepts for _, e in effects if e.accepts]
    listed = json.dumps(", ".join(accepted), ensure_ascii=False)  # a text of YAML, whatever is in the names
    changed = set(accepted) != set(question.accepted)
    return Consequences(actions, question.patch.replace("{accepted}", listed) if changed else "")


def action_fields(owner: str) -> tuple[Field, Field]:
    """The two fields that say who does what was decided, and by when; empty where nothing is to be done."""
    kinds = (FieldKind.PERSON, FieldKind.DATE)
    who, when = (
        Field(name=name, title=title, kind=kind, required=False) for (name, title), kind in zip(_WHO_WHEN, kinds, strict=True)
    )
    return replace(who, default=owner), when


def _effects(question: Question, entered: Entered) -> Iterator[tuple[Field, Effect]]:
    for each in question.fields:
        effect = each.effects.get(str(entered.values.get(each.name)))
        if effect:
            yield each, effect


def _wrong(asked: Field, value: object, people: Collection[str]) -> Iterator[str]:
    if value is None or value == "":
        yield from ["is missing"] if asked.required else []
    elif not isinstance(value, str):
        yield f"expected text, found {type(value).__name__}"
    elif asked.kind is FieldKind.CHOICE and value not in asked.choices:
        yield f'"{value[:60]}" is none of {", ".join(asked.choices)}'
    elif asked.kind is FieldKind.PERSON and value not in people:
        yield f'"{value[:60]}" is no person of the inventory{nearest(value, people)}'
    elif asked.kind is FieldKind.DATE and not _is_date(value):
        yield f'"{value[:60]}" is no day such as 2026-11-30'
    elif len(value) > LONGEST_TEXT:
        yield f"is longer than {LONGEST_TEXT:,} characters"


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
