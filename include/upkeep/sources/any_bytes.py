"""
Text of a server as it is, whatever its bytes.

Names of roles and databases belong to the whole cluster and are written in the encoding of the database in which they were given;
one of encoding SQL_ASCII holds whatever its clients sent. A byte that cannot be decoded is shown by its number, never an error.
"""

import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg
    from psycopg.adapt import Loader

_TEXTS = ("text", "varchar", "bpchar", "name", '"char"', 0)
_STRAY = re.compile("[\udc80-\udcff]")


def own_codec(connection: "psycopg.Connection[Any]") -> str:
    """Have the server send text as it is stored, since it may fail to convert it; returns the codec to read it by."""
    from psycopg import NotSupportedError

    own = connection.info.parameter_status("server_encoding") or "UTF8"
    try:
        connection.execute(f"set client_encoding = '{own}'".encode())
        codec = connection.info.encoding
    except NotSupportedError:
        connection.pgconn.exec_(b"set client_encoding = 'UTF8'")
        codec = connection.info.encoding
    return "utf-8" if codec == "ascii" else codec


def read_any_bytes(connection: "psycopg.Connection[Any]", codec: str) -> None:
    """From now on text and JSON that this connection brings are read in this codec, without ever failing."""
    text, document = _loaders(codec)
    for names, loader in ((_TEXTS, text), (("json", "jsonb"), document)):
        for name in names:
            connection.adapters.register_loader(name, loader)


@cache
def _loaders(codec: str) -> tuple[type["Loader"], type["Loader"]]:
    from psycopg.adapt import Buffer, Loader

    class Text(Loader):
        def load(self, data: Buffer) -> str:
            return bytes(data).decode(codec, "backslashreplace")

    class Document(Loader):
        def load(self, data: Buffer) -> Any:
            return json.loads(_STRAY.sub(_shown, bytes(data).decode(codec, "surrogateescape")))

    return Text, Document


def _shown(stray: "re.Match[str]") -> str:
    return rf"\\x{ord(stray[0]) - 0xDC00:02x}"
