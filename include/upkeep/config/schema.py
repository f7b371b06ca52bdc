"""A JSON Schema of the inventory for editors: made of the models and of the thresholds that the duties have."""

import json
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from upkeep.config.settings import Settings
from upkeep.config.thresholds import threshold_types
from upkeep.duty import Duty
from upkeep.targets import kinds
from upkeep.targets.target import Target

_TYPES = {bool: "boolean", int: "integer", float: "number", str: "string"}
_REF = "#/$defs/{model}"


def inventory_schema(duties: Sequence[Duty]) -> dict[str, Any]:
    """The schema as plain data."""
    models: list[type[BaseModel]] = [Settings, *kinds().values()]
    _, made = models_json_schema([(model, "validation") for model in models], ref_template=_REF)
    defs = made["$defs"]
    settings = defs.pop("Settings")
    for kind in kinds().values():
        defs[kind.__name__]["properties"]["thresholds"] = _thresholds(kind, duties)
    sections = {name: _section(kind) for name, kind in kinds().items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Inventory of Upkeep",
        "description": "What is looked after: people, targets, thresholds. Connection ids only, never secrets.",
        "type": "object",
        "additionalProperties": False,
        "required": settings["required"],
        "properties": {**settings["properties"], **sections},
        "$defs": dict(sorted(defs.items())),
    }


def schema_text(duties: Sequence[Duty]) -> str:
    """The schema as it stands in include/inventory.schema.json."""
    return json.dumps(inventory_schema(duties), indent=2, ensure_ascii=False) + "\n"


def _section(kind: type[Target]) -> dict[str, Any]:
    text = (kind.__doc__ or "").strip().splitlines()[0]
    if kind.single:
        return {"anyOf": [{"$ref": _REF.format(model=kind.__name__)}, {"type": "null"}], "description": text}
    return {"type": ["array", "null"], "description": text, "items": {"$ref": _REF.format(model=kind.__name__)}}


def _thresholds(kind: type[Target], duties: Sequence[Duty]) -> dict[str, Any]:
    fitting = [duty for duty in duties if issubclass(kind, duty.target) and duty.thresholds]
    return {
        "type": "object",
        "description": "Per duty, its thresholds that differ here",
        "additionalProperties": False,
        "properties": {duty.name: _of_duty(duty) for duty in fitting},
    }


def _of_duty(duty: Duty) -> dict[str, Any]:
    types = threshold_types(duty)
    properties = {name: {"type": _TYPES[types[name]], "default": default} for name, default in duty.thresholds.items()}
    return {"type": "object", "description": duty.title, "additionalProperties": False, "properties": properties}
