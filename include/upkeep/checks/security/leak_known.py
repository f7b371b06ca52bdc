"""The inventory's own secrets, read from their stores to be looked for, and forgotten."""

import base64
import html
import json
import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote, quote_plus

from upkeep.checks.security.leak_scan import Look
from upkeep.checks.security.secret_texts import secret_texts
from upkeep.errors import UpkeepError
from upkeep.formats.secret_patterns import Spotted
from upkeep.rotation.stages import Stage
from upkeep.sources.connections import Connections
from upkeep.targets.secret import Secret

_URL_SAFE = str.maketrans("+/", "-_")


def known_values(declared: list[Secret], connections: Connections) -> tuple[Mapping[str, tuple[str, bool]], list[str]]:
    """Texts with what they are of and whether they are current; and what could not be read."""
    known: dict[str, tuple[str, bool]] = {}
    unread = []
    for secret in declared:
        try:
            store = secret.opened(connections)
            found = {stage: store.read(stage) for stage in (Stage.PREVIOUS, Stage.PENDING, Stage.CURRENT)}
        except UpkeepError as error:
            unread.append(f"secret {secret.name}: {error}")
            continue
        for stage, version in found.items():
            for text in secret_texts(version.value) if version else ():
                known[text] = (f"{stage.value} value of {secret.name}", stage is not Stage.PREVIOUS)
    return known, unread


def forms(value: str) -> list[str]:
    """
    As it is, and as programs write it: escaped as in JSON, also twice, in addresses, in HTML, and packed by base64.

    In base64 its letters depend on how many bytes stand before it: what the neighbours change is left out.
    """
    inside = json.dumps(value)[1:-1]
    percent = quote(value, safe="")
    made = [value, inside, json.dumps(inside)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], inside.replace("/", "\\/")]
    made += [percent, quote(value), quote_plus(value), _lower(percent), html.escape(value)]
    for before in range(3):
        data = bytes(before) + value.encode()
        packed = base64.b64encode(data).decode()[-(-before * 8 // 6) : len(data) * 8 // 6]
        made += [packed, packed.translate(_URL_SAFE)]
    return list(dict.fromkeys(made))


def _lower(percent: str) -> str:
    return re.sub("%[0-9A-F]{2}", lambda found: found.group().lower(), percent)


def by_value(known: Mapping[str, tuple[str, bool]]) -> Look:
    """Where these texts stand, in whatever form."""
    looked_for = [(form, value, *of) for value, of in known.items() for form in forms(value)]

    def look(_: str, text: str) -> Iterator[Spotted]:
        for form, value, kind, current in looked_for:
            at = text.find(form)
            while at >= 0:
                yield Spotted(kind, text.count("\n", 0, at) + 1, current, value)
                at = text.find(form, at + len(form))

    return look
