"""The whole system: what duties that are about no single target are asked of."""

from typing import ClassVar

from pydantic import Field

from upkeep.field_types import Name
from upkeep.targets.target import Target


class System(Target):
    """The system as a whole. It always exists once; the section only says what differs."""

    section: ClassVar[str] = "system"
    single: ClassVar[bool] = True

    name: Name = Field(default="system", description="How it is called in reports and pages")
    owner: str = Field(default="", description="Name of a person of this file; by default the first on call")
