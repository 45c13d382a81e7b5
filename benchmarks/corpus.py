"""A large project in no time: texts by a word chain over the test data, written by COPY past the product's own doors.

What the import would have written, row for row (hashes included), but without its checks: triggers and foreign keys are off
while it goes in. For measuring alone.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import psycopg
from numpy.typing import NDArray
from psycopg import sql

DATA = Path(__file__).parents[1] / "tests" / "data"
RATERS = 500
_SEQUENCE = sql.SQL("SELECT setval(pg_get_serial_sequence({1}, 'id'), (SELECT max(id) FROM {0}))")
WHEN = "2026-11-01 12:00:00+00"
TABLES = {
    "feedback_item": "id, public_id, workspace_id, project_id, revision_id, purpose, rank, responses, wanted, given, "
    "leased, cap, front, held",
    "feedback_itemrecord": "item_id, workspace_id, project_id, source_id, external_id, content_hash, text_hash, "
    "group_key, tags, created_at",
    "feedback_itemrevision": "id, workspace_id, item_id, number, prompt, context, content_hash, created_at",
    "feedback_response": "id, public_id, workspace_id, revision_id, position, messages, text_hash, provenance_id, created_at",
    "feedback_review": "id, public_id, workspace_id, project_id, item_id, item_revision_id, rater_id, form_id, kind, "
    "occasion, revision, order_shown, order_known, surplus, submitted_at, received_at, body_sha256, source_id",
    "feedback_reviewbody": "review_id, workspace_id, body",
    "feedback_vote": "id, workspace_id, review_id, question, response_lo_id, response_hi_id, outcome, both_unacceptable",
}


class Corpus:
    """Prompts, responses and votes for any number of items; the same number and seed give the same.

    One prompt in ten is an edited copy of an earlier one, one pair in a hundred repeats an earlier pair under another item,
    and one response in two hundred is empty.
    """

    def __init__(self, pairs: int, seed: int = 7) -> None:
        self._rng = np.random.default_rng(seed)
        words = _words()
        ids = {word: number for number, word in enumerate(dict.fromkeys(words))}
        self._vocabulary = np.array(list(ids), dtype=object)
        chain = np.array([ids[word] for word in words], dtype=np.int64)
        order = np.argsort(chain[:-1], kind="stable")
        self._followers = chain[1:][order]
        self._starts = np.searchsorted(chain[:-1][order], np.arange(len(ids)))
        self._counts = np.maximum(np.bincount(chain[:-1], minlength=len(ids)), 1)
        self.pairs = pairs
        self.skill = self._rng.uniform(0.6, 0.95, RATERS)

    def items(self, block: int = 10_000) -> Iterator[tuple[str, str, str]]:
        """(prompt, first response, second response) of every item in turn."""
        for start in range(0, self.pairs, block):
            count = min(block, self.pairs - start)
            prompts = self._texts(count, 12, 60)
            sides = [self._texts(count, 40, 160) for _ in range(2)]
            pick = random.Random(start)
            for i in range(1, count):
                chance = pick.random()
                if chance < 0.10:
                    prompts[i] = prompts[pick.randrange(i)] + " Please."
                if chance < 0.01:
                    earlier = pick.randrange(i)
                    prompts[i] = prompts[earlier] + " Thanks."
                    sides[0][i], sides[1][i] = sides[0][earlier], sides[1][earlier] + " Indeed."
                if chance > 0.99:
                    sides[0][i] = ""
            yield from zip(prompts, *sides, strict=True)

    def votes(
        self, reviews: int, pairs: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """(item, rater, outcome) of each review; a rater sees an item once; one vote in twelve is a tie."""
        rng, per = self._rng, reviews // pairs
        given = np.full(pairs, per)
        given[: reviews - per * pairs] += 1
        item = np.repeat(np.arange(pairs), given)
        place = np.arange(reviews) - np.repeat(np.cumsum(given) - given, given)
        rater = (np.repeat(rng.integers(0, RATERS, pairs), given) + place * 7) % RATERS
        truth = np.repeat(rng.choice([-1, 1], pairs), given)
        right = rng.random(reviews) < self.skill[rater]
        size = rng.integers(1, 4, reviews)
        outcome = np.where(rng.random(reviews) < 1 / 12, 0, np.where(right, truth, -truth) * size)
        return item, rater, outcome

    def _texts(self, count: int, least: int, most: int) -> list[str]:
        """Walks of least to most words through the chain of which word follows which."""
        at = self._rng.integers(0, len(self._vocabulary), count)
        steps = np.empty((most, count), dtype=np.int64)
        for step in range(most):
            steps[step] = at
            draw = self._rng.random(count) * self._counts[at]
            at = self._followers[
                np.minimum(self._starts[at] + draw.astype(np.int64), len(self._followers) - 1)
            ]
        lengths = self._rng.integers(least, most + 1, count)
        words = self._vocabulary[steps.T]
        return [" ".join(row[:length]) for row, length in zip(words, lengths, strict=True)]


def _words() -> list[str]:
    """The words of PandaLM's test set and of the fine-grained feedback, in their order, without what COPY would escape."""
    pandalm = json.loads(gzip.decompress((DATA / "pandalm_testset-v1.json.gz").read_bytes()))
    texts = [
        str(row[name]) for row in pandalm for name in ("instruction", "response1", "response2")
    ]
    found = json.loads(gzip.decompress((DATA / "finegrained_dev_feedback.json.gz").read_bytes()))
    texts += [
        str(row[name])
        for row in found
        for name in ("question", "prediction 1", "prediction 2")
        if name in row
    ]
    return re.findall(r"[^\s\\]+", " ".join(texts))


class Filling:
    """Writes items, responses and reviews of one project into its tables; ids go on from what is there."""

    def __init__(self, connection: psycopg.Connection[Any], place: dict[str, int]) -> None:
        self._connection, self._place = connection, place

    def items(self, texts: Iterable[tuple[str, str, str]], first: int) -> int:
        """Items numbered from `first` on, two responses each; response ids are 2·item − 1 and 2·item. Returns how many."""
        rows: dict[str, list[str]] = {name: [] for name in list(TABLES)[:4]}
        number = first
        for number, item in enumerate(texts, start=first):
            self._item(rows, number, *item)
            if number % 20_000 == 0:
                self._flush(rows)
        self._flush(rows)
        return number - first + 1

    def _item(self, rows: dict[str, list[str]], number: int, prompt: str, *answers: str) -> None:
        from feedback.readers.identity import digest

        p = self._place
        asked = _messages("user", prompt)
        said = [_messages("assistant", answer) for answer in answers]
        whole = digest({"prompt": asked, "context": [], "responses": said})
        owner = f"{p['workspace']}\t{p['project']}"
        rows["feedback_item"].append(
            f"{number}\t{_name()}\t{owner}\t{number}\ttrain\t{number}\t2\t4\t4\t0\t9\tf\tf\n"
        )
        rows["feedback_itemrecord"].append(
            f"{number}\t{owner}\t{p['source']}\tx{number}\t\\\\x{whole}\t\\\\x{whole}\t\t{{}}\t{WHEN}\n"
        )
        rows["feedback_itemrevision"].append(
            f"{number}\t{p['workspace']}\t{number}\t1\t{_json(asked)}\t[]\t\\\\x{whole}\t{WHEN}\n"
        )
        for position, messages in enumerate(said, start=1):
            rows["feedback_response"].append(
                f"{2 * number - 2 + position}\t{_name()}\t{p['workspace']}\t{number}\t{position}\t{_json(messages)}\t"
                f"\\\\x{digest(messages)}\t{p['provenance']}\t{WHEN}\n"
            )

    def reviews(
        self,
        items: NDArray[np.int64],
        raters: NDArray[np.int64],
        outcomes: NDArray[np.int64],
        first: int,
    ) -> None:
        """A review with one vote for each entry; `raters` and `items` are ids, reviews are numbered from `first` on."""
        rows: dict[str, list[str]] = {name: [] for name in list(TABLES)[4:]}
        p, sha = self._place, "ab" * 32
        columns = zip(items.tolist(), raters.tolist(), outcomes.tolist(), strict=True)
        for number, (item, rater, outcome) in enumerate(columns, start=first):
            order = "{1,2}" if number % 2 else "{2,1}"
            rows["feedback_review"].append(
                f"{number}\t{_name()}\t{p['workspace']}\t{p['project']}\t{item}\t{item}\t{rater}\t{p['form']}\tprimary\t1\t"
                f"1\t{order}\tt\tf\t{WHEN}\t{WHEN}\t\\\\x{sha}\t{p['source']}\n"
            )
            rows["feedback_reviewbody"].append(
                f'{number}\t{p["workspace"]}\t{{"preference": {outcome}}}\n'
            )
            rows["feedback_vote"].append(
                f"{number}\t{p['workspace']}\t{number}\tpreference\t{2 * item - 1}\t{2 * item}\t{outcome}\tf\n"
            )
            if number % 50_000 == 0:
                self._flush(rows)
        self._flush(rows)

    def finish(self) -> None:
        """Sequences after the drawn ids, statistics for the planner."""
        with self._connection.cursor() as cursor:
            for table, columns in TABLES.items():
                if columns.startswith("id,"):
                    cursor.execute(_SEQUENCE.format(sql.Identifier(table), sql.Literal(table)))
            cursor.execute("ANALYZE")

    def _flush(self, rows: dict[str, list[str]]) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            for table, lines in rows.items():
                with cursor.copy(f"COPY {table} ({TABLES[table]}) FROM STDIN") as copy:
                    copy.write("".join(lines))
                lines.clear()
            cursor.execute("SET session_replication_role = DEFAULT")


def _messages(role: str, text: str) -> list[dict[str, Any]]:
    return [{"role": role, "parts": [{"type": "text", "text": text}]}]


def _json(value: Any) -> str:
    return orjson.dumps(value).decode().replace("\\", "\\\\")


def _name() -> str:
    return f"{random.getrandbits(128):032x}"
