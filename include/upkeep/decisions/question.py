"""A question to a person: what is asked, on which evidence, with which form, and what each choice leads to."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Self

Json = Mapping[str, Any]
SIGN, APPROVE, REJECT = "Sign", "Approve", "Reject"


class FieldKind(StrEnum):
    """What a field of the form takes."""

    CHOICE = "choice"
    TEXT = "text"
    DATE = "date"
    PERSON = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """
    What follows from a choice.

    `action` is work that somebody must do by a day; `remedy` is how, as SQL or a command to paste. `accepts` is a name that the
    list of the inventory is to hold from now on: see `Question.patch`.
    """

    action: str = ""
    remedy: str = ""
    accepts: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """
    One field of the form. A choice has `choices`, and `effects` by choice; `object` is the thing that it is about.

    A field that is not `required` may be left empty.
    """

    name: str
    title: str
    kind: FieldKind = FieldKind.CHOICE
    choices: tuple[str, ...] = ()
    default: str | None = None
    description: str = ""
    object: str = ""
    required: bool = True
    effects: Mapping[str, Effect] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind is FieldKind.CHOICE and not self.choices:
            raise ValueError(f"field {self.name}: a choice needs choices")
        if strange := set(self.effects) - set(self.choices):
            raise ValueError(f"field {self.name}: effects of {', '.join(sorted(strange))}, which nobody can choose")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """
    What a person is asked. `subject` is one line, `body` is Markdown, `evidence` is what it rests on, as plain JSON.

    `options` are the ways to answer: a review is signed, an approval is given or refused. `accepted` are the names that a list of
    the inventory holds now, and `patch` the text of its change, in which `{accepted}` stands for the names it should hold. It is
    shown to people, never written by Upkeep.
    """

    subject: str
    body: str
    fields: tuple[Field, ...] = ()
    evidence: Json = field(default_factory=dict)
    options: tuple[str, ...] = (SIGN,)
    accepted: tuple[str, ...] = ()
    patch: str = ""

    @property
    def digest(self) -> str:
        """SHA-256, in hex, of everything that is shown and everything that follows from it."""
        return digest_of(self.to_json())

    @property
    def objects(self) -> frozenset[str]:
        """The things that its fields are about."""
        return frozenset(each.object for each in self.fields if each.object)

    def to_json(self) -> dict[str, Any]:
        """As plain JSON; `from_json` reads it back to the same digest."""
        return json.loads(json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, allow_nan=False))  # type: ignore[no-any-return]

    @classmethod
    def from_json(cls, plain: Json) -> Self:
        """The question of a row."""
        fields = tuple(_field(each) for each in plain["fields"])
        lists = {name: tuple(plain[name]) for name in ("options", "accepted")}
        return cls(**{**plain, "fields": fields, **lists})


def digest_of(content: Any) -> str:
    """SHA-256, in hex, of plain JSON whatever the order of its keys."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _field(plain: Json) -> Field:
    effects = {choice: Effect(**effect) for choice, effect in plain["effects"].items()}
    return Field(**{**plain, "kind": FieldKind(plain["kind"]), "choices": tuple(plain["choices"]), "effects": effects})
