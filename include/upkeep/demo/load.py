"""
Customers of the shop: a process that reads, orders and pays, at a pace that leaves the machine alone.

`python -m upkeep.demo.load`; it logs in by libpq's environment variables, and as the secret says where there is one
(UPKEEP_DEMO_SECRET), anew whenever that changes. The sales report is new: it runs only once the faults
are planted (UPKEEP_DEMO_REPORT=1), so that it has no history of being fast.
"""

import os
import random
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from upkeep.demo.logins import SECRET, Cached

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[Any]

TURNS_PER_S = 3
REPORT_EVERY_S = 4.0
"""By the clock, not by turns: a slow machine's first day needs as many reports as a fast one's."""
TRACKED = 4
"""Customers look where their parcel is more often than anything else: without its index that is seconds on a fast machine too."""

# A slow disk is no fault of the shop's: without it a commit would be one of its slow statements.
_HASTY = "-c synchronous_commit=off"
NEWEST = "select name, city from customers order by created_at desc, city desc limit 10"
TRACK = "select id, status from orders where tracking_code = %s"
HISTORY = "select id, total, status from orders where customer_id = %s order by placed_at desc limit 20"
BASKET = "select product_id, quantity from order_items where order_id = %s"
BUYERS = "select count(*) from order_items where product_id = %s"
RECENT = "select count(*) from orders where placed_at > now() - interval '1 hour'"
STOCK = "select warehouse, level from stock_levels where product_id = %s limit 10"
INVOICE = "select id from invoices where order_id = %s"
PAYMENT = "select amount from payments where order_id = %s"
ORDER = "insert into orders (customer_id, status, total, tracking_code) values (%s, 'paid', %s, %s) returning id"
ITEM = "insert into order_items (order_id, product_id, quantity, price) values (%s, %s, 1, %s)"
PAY = "insert into payments (order_id, amount) values (%s, %s)"
SELL = "update products set stock = stock - 1 where id = %s"
REPORT = """
    select
        name,
        sum(quantity * sold.price) * (select dollar_rate()) as revenue
    from order_items as sold
    inner join products
        on products.id = sold.product_id
    where name like 'Lamp%'
    group by name
    order by revenue desc
    limit 10
"""


def main() -> None:
    """Turn after turn until ended; a lost connection is made again."""
    import psycopg
    from psycopg.conninfo import make_conninfo

    path, report = os.environ.get(SECRET), os.environ.get("UPKEEP_DEMO_REPORT") == "1"
    secret = Cached(Path(path)).login if path else dict[str, str]
    while True:
        try:
            login = secret()
            valid = partial(_is_still, secret, login)
            with psycopg.connect(make_conninfo(**login), application_name="shop", autocommit=True, options=_HASTY) as connection:
                _serve(connection, random.Random(), report=report, valid=valid)  # noqa: S311 - shoppers
        except psycopg.OperationalError:
            time.sleep(2)


def _is_still(secret: Callable[[], dict[str, str]], login: dict[str, str]) -> bool:
    return secret() == login


def _serve(connection: "Connection", chance: random.Random, *, report: bool, valid: Callable[[], bool] = lambda: True) -> None:
    """Turn after turn while the login is still the secret's."""
    turn, reported = 0, -REPORT_EVERY_S
    while valid():
        begun = time.monotonic()
        _look(connection.execute, chance)
        if turn % TURNS_PER_S == 0:
            _buy(connection, chance)
        if report and begun - reported >= REPORT_EVERY_S:
            connection.execute(REPORT)
            reported = begun
        turn += 1
        time.sleep(max(0.0, 1 / TURNS_PER_S - (time.monotonic() - begun)))


def _look(execute: Callable[..., Any], chance: random.Random) -> None:
    order, product = chance.randint(1, 120_000), chance.randint(1, 2000)
    execute(NEWEST)
    for _ in range(TRACKED):
        execute(TRACK, [f"TRACK{chance.randint(1, 120_000):09}"])
    execute(HISTORY, [chance.randint(1, 50_000)])
    execute(BASKET, [order])
    execute(BUYERS, [product])
    execute(RECENT)
    execute(STOCK, [product])
    execute(INVOICE, [chance.randint(1, 5000)])


def _buy(connection: "Connection", chance: random.Random) -> None:
    # Products of the first hundred are never sold here: one of them is locked by the session that holds everybody up.
    product, price = chance.randint(101, 2000), chance.randint(500, 9000) / 100
    with connection.transaction():
        values = [chance.randint(1, 50_000), price, f"TRACK{chance.randint(1, 10**9):09}"]
        row = connection.execute(ORDER, values).fetchone()
        order = row[0] if row else None
        connection.execute(ITEM, [order, product, price])
        connection.execute(PAY, [order, price])
        connection.execute(SELL, [product])


if __name__ == "__main__":
    main()
