"""How a restore treats roles that its server lacks."""

from enum import StrEnum


class Mode(StrEnum):
    """
    What becomes of roles that a server lacks.

    create: with attributes, memberships and settings. map: each must be mapped to one that is there. skip: those named in
    the database are created bare, without login, and the rest is listed.
    """

    CREATE = "create"
    MAP = "map"
    SKIP = "skip"
