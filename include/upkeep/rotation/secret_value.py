"""A secret as a store keeps it: a JSON object with a login in it, or one plain text. It is never shown."""

import hmac
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from upkeep.errors import BrokenError, CannotAskError

# 256 bits of letters, digits, - and _: nothing that SASLprep, a URL, a shell or a driver reads otherwise.
_BYTES = 32
_PLAIN = "value"
_MADE_HERE = re.compile("[A-Za-z0-9_-]{43}")


def new_password() -> str:
    """43 printable ASCII characters with 256 bits of randomness."""
    return secrets.token_urlsafe(_BYTES)


def fingerprint(password: str) -> str:
    """Eight digits that tell passwords apart, with each as its own key; none of one not made here, which might be guessed."""
    if not _MADE_HERE.fullmatch(password):
        return "set by others"
    return hmac.digest(password.encode(), b"fingerprint", "sha256").hex()[:8]


@dataclass(frozen=True, slots=True)
class SecretValue:
    """Fields by name. A `plain` one was no JSON object: its text is the field `value`."""

    fields: Mapping[str, Any] = field(repr=False)
    plain: bool = False

    @classmethod
    def parse(cls, text: str, *, any_text: bool = False) -> Self:
        """
        What a store gave.

        Raises CannotAskError, without `any_text`, for what is meant as JSON and is no object: a bare word would take its place.
        """
        try:
            found = json.loads(text)
        except ValueError:
            found = [] if text.lstrip("\ufeff \t\r\n")[:1] in {"{", "["} else None
        if isinstance(found, list | str) and not any_text:
            remedy = 'correct it in its store; a plain text that begins so is kept as {"value": "…"}'
            raise CannotAskError("the secret looks like JSON and is no JSON object", remedy)
        return cls(found) if isinstance(found, dict) else cls({_PLAIN: text}, plain=True)

    @property
    def text(self) -> str:
        """What a store is given: it comes back as this value."""
        return str(self.fields[_PLAIN]) if self.plain else json.dumps(dict(self.fields))

    def get(self, name: str) -> str:
        """One field. Raises BrokenError, without the value, when it is missing or no text."""
        found = self.fields.get(name)
        if not isinstance(found, str) or not found:
            fields = ", ".join(sorted(self.fields)) if not self.plain else "no fields: it is plain text"
            raise BrokenError(f'the secret has no text "{name}"; it has {fields}', "correct the secret in its store", retry=False)
        return found

    def replaced(self, **fields: str) -> Self:
        """The same with other values of these fields; what else it holds stays."""
        return type(self)({**self.fields, **fields}, self.plain)


def fields_of(text: str, place: str) -> Mapping[str, Any]:
    """The fields of a value for a place that holds nothing else. Raises CannotAskError for plain text."""
    found = SecretValue.parse(text)
    if found.plain:
        raise CannotAskError(f"{place} holds fields, and the value is plain text", "make it a JSON object with its fields")
    return found.fields
