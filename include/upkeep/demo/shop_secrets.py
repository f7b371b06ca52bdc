"""
The shop's secrets in the demo: its login, which the first daily run rotates while customers buy, and two faults.

A partner's token is past its age, and the key of a warehouse has a next value that never became current: the programs that
would tell their services of new values are not installed on this machine.
"""

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from upkeep.demo.state import State
from upkeep.sources.scratch import ScratchServer

if TYPE_CHECKING:
    from upkeep.sources.postgres import Endpoint

ROTATED, OTHER, ROTATOR = "shop_app", "shop_app_b", "shop_rotation"
_STEP = "secrets made"
_DAY = 86_400
_AGES = {"shop-login.json": 100, "partner-token": 120, "warehouse-key": 60, "warehouse-key.pending": 3}


def make_once(server: ScratchServer, home: Path, state: State) -> None:
    """A second user like the shop's own, a login that may alter both, and files with their ages."""
    if state.is_done(_STEP):
        return
    make(server, home, state)
    state.mark(_STEP)


def make(server: ScratchServer, home: Path, state: State) -> None:
    """May be killed anywhere and done again."""
    from upkeep.demo.servers import role

    with server.endpoint("shop").connect("demo") as admin:
        role(admin, ROTATOR, state.secret(f"{ROTATOR} login"), "createrole")
        if admin.execute("select from pg_roles where rolname = %s", [OTHER]).fetchone() is None:
            admin.execute(f"create role {OTHER} nologin".encode())
        admin.execute(_LIKE.encode())
    file(home).parent.mkdir(mode=0o700, exist_ok=True)
    values = {
        "shop-login.json": json.dumps({"username": ROTATED, "password": state.secret(f"{ROTATED} login")}),
        **{name: state.secret(name.replace("-", " ").replace(".", " ")) for name in _AGES if not name.endswith(".json")},
    }
    for name, text in values.items():
        _write(file(home).with_name(name), text, _AGES[name])


def file(home: Path) -> Path:
    """Where the shop's login is kept."""
    return home / "secrets" / "shop-login.json"


def login(home: Path, where: "Endpoint") -> "Endpoint":
    """The shop's login as the secret says it now; as it was made where there is no secret yet."""
    from dataclasses import replace

    if not file(home).exists():
        return where
    fields = json.loads(file(home).read_text(encoding="utf-8"))
    return replace(where, user=fields["username"], password=fields["password"])


def inventory(home: Path) -> str:
    """Its part of the inventory."""
    return _INVENTORY.format(folder=file(home).parent)


def _write(path: Path, text: str, days: float) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as opened:  # noqa: PTH123 - its mode
        opened.write(text)
    at = time.time() - days * _DAY
    os.utime(path, (at, at))


_LIKE = f"""
    grant select, insert, update on customers, orders, order_items, payments, invoices, stock_levels, imports, visits to {OTHER};
    grant select, update on products to {OTHER};
    grant {ROTATED}, {OTHER} to {ROTATOR} with admin option
"""
_INVENTORY = """# In files, since the demo has no store of secrets. The first daily run rotates the shop's login.
secrets:
  - name: shop login
    owner: database-on-call
    store: {{kind: file, path: {folder}/shop-login.json}}
    opens: {{kind: postgres_users, connection: shop_rotation, users: [shop_app, shop_app_b]}}
    max_age: 90 d
    cache: 10 s
    runbook: https://wiki.example.com/runbooks/shop-login
  - name: partner token
    owner: developer-on-call
    store: {{kind: file, path: {folder}/partner-token}}
    opens:
      {{kind: command, install: [/opt/partner/tokens, add], prove: [/opt/partner/tokens, try], retire: [/opt/partner/tokens, rm]}}
    runbook: https://wiki.example.com/runbooks/partner-token
  - name: warehouse key
    owner: developer-on-call
    store: {{kind: file, path: {folder}/warehouse-key}}
    opens:
      {{kind: command, install: [/opt/warehouse/key, add], prove: [/opt/warehouse/key, try], retire: [/opt/warehouse/key, rm]}}
    runbook: https://wiki.example.com/runbooks/warehouse-key
"""
