"""The rules, one file each. Found by walking: adding one touches nothing else."""

import importlib
import pkgutil
from functools import cache

from upkeep.opportunities.rule import Rule


@cache
def every_rule() -> tuple[Rule, ...]:
    """Every rule that can be imported, by name."""
    return tuple(sorted(_walked()[0], key=lambda each: each.name))


def broken_rules() -> tuple[tuple[str, str], ...]:
    """Rules whose file cannot be imported, with what it raised: they take no other with them."""
    return _walked()[1]


def every_action() -> tuple[str, ...]:
    """What a policy must allow for all rules, in order."""
    return tuple(sorted({action for each in every_rule() for action in each.actions}))


@cache
def _walked() -> tuple[tuple[Rule, ...], tuple[tuple[str, str], ...]]:
    found: dict[str, Rule] = {}
    broken: list[tuple[str, str]] = []
    for info in pkgutil.iter_modules(__path__):
        try:
            members = vars(importlib.import_module(f"{__name__}.{info.name}")).values()
        except Exception as error:  # noqa: BLE001 - whatever a file raises is its own
            broken.append((info.name, f"{type(error).__name__}: {error}"))
        else:
            found |= {each.name: each for each in members if isinstance(each, Rule)}
    return tuple(found.values()), tuple(broken)
