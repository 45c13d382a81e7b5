"""The least a queue can cost: claim and submit as two prepared statements on narrow tables, on a bare connection.

No texts, no foreign keys, no votes, no web: what PostgreSQL itself needs for the two transactions, as the limit beside
which the product's figures are read.
"""

from __future__ import annotations

import datetime as dt
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg

_TABLES = """
DROP SCHEMA IF EXISTS bare CASCADE;
CREATE SCHEMA bare;
CREATE TABLE bare.item (id bigint PRIMARY KEY, rank bigint NOT NULL, wanted smallint NOT NULL, given smallint NOT NULL DEFAULT 0,
    leased smallint NOT NULL DEFAULT 0, CHECK (given >= 0 AND leased >= 0 AND given + leased <= wanted)) WITH (fillfactor = 70);
CREATE TABLE bare.seat (reviewer bigint PRIMARY KEY, at_rank bigint NOT NULL DEFAULT -1);
CREATE TABLE bare.assignment (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, item bigint NOT NULL, reviewer bigint NOT NULL,
    state smallint NOT NULL DEFAULT 0, leased_until timestamptz NOT NULL, UNIQUE (reviewer, item));
CREATE TABLE bare.review (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, assignment bigint NOT NULL UNIQUE, body jsonb NOT NULL);
INSERT INTO bare.item (id, rank, wanted) SELECT n, n, 1 FROM generate_series(1, %(items)s) n;
INSERT INTO bare.seat (reviewer) SELECT n FROM generate_series(0, %(people)s - 1) n;
CREATE INDEX ON bare.item (rank) WHERE given + leased < wanted;
ANALYZE bare.item
"""

_CLAIM = """
WITH pick AS (
    SELECT i.id, i.rank FROM bare.item i
    WHERE i.given + i.leased < i.wanted AND i.rank > (SELECT at_rank FROM bare.seat WHERE reviewer = %(me)s)
        AND NOT EXISTS (SELECT 1 FROM bare.assignment a WHERE a.item = i.id AND a.reviewer = %(me)s)
    ORDER BY i.rank LIMIT 1 FOR NO KEY UPDATE OF i SKIP LOCKED
), up AS (UPDATE bare.item SET leased = leased + 1 FROM pick WHERE bare.item.id = pick.id),
moved AS (UPDATE bare.seat SET at_rank = pick.rank FROM pick WHERE reviewer = %(me)s)
INSERT INTO bare.assignment (item, reviewer, leased_until) SELECT id, %(me)s, %(until)s FROM pick RETURNING id
"""

_SUBMIT = """
WITH was AS (UPDATE bare.assignment SET state = 1 WHERE id = %(assignment)s AND state = 0 RETURNING id, item),
counted AS (UPDATE bare.item i SET given = given + 1, leased = leased - 1 FROM was WHERE i.id = was.item)
INSERT INTO bare.review (assignment, body) SELECT id, %(body)s::jsonb FROM was RETURNING id
"""


def bare_queue(
    items: int, people: int, count: int, body: str
) -> tuple[list[float], list[float], float]:
    """Milliseconds of every claim and of every submit, and the seconds that `count` pairs took `people` connections."""
    from django.db import connection as product

    name = product.settings_dict
    address = {"host": name["HOST"], "dbname": name["NAME"], "user": name["USER"]}
    with psycopg.connect(**address, autocommit=True) as connection:
        for statement in _TABLES.split(";"):
            connection.execute(
                statement % {"items": items, "people": people}
            )  # ours, no foreign text
    claims: list[float] = []
    submits: list[float] = []

    def work(person: int) -> None:
        with psycopg.connect(**address, autocommit=True, prepare_threshold=0) as connection:
            for _ in range(count // people):
                until = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=30)
                took, assignment = _timed(connection, _CLAIM, {"me": person, "until": until})
                claims.append(took)
                submits.append(
                    _timed(connection, _SUBMIT, {"assignment": assignment, "body": body})[0]
                )

    began = time.perf_counter()
    with ThreadPoolExecutor(people) as pool:
        list(pool.map(work, range(people)))
    return claims, submits, time.perf_counter() - began


def _timed(
    connection: psycopg.Connection, statement: str, values: dict[str, object]
) -> tuple[float, int]:
    began = time.perf_counter()
    row = connection.execute(statement, values).fetchone()
    took = (time.perf_counter() - began) * 1000
    assert row is not None
    return took, row[0]
