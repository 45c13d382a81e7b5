"""Native rows as hypothesis draws them: any item that can be stored, and any JSON that somebody might send instead."""

from __future__ import annotations

from datetime import UTC
from itertools import combinations
from typing import Any, get_args

from hypothesis import strategies as st

from feedback.readers import rows

# Anything but NUL and half surrogate pairs, with enough of what is easily broken: right-to-left, combining, joined.
ODD = [
    "\u202eאבג",
    "e\u0301\u0327",
    "ﷺ",
    "👩‍👩‍👧",
    "\u200f",
    "\ufeff",
    "a\u2028b",
    '"\\',
    "\\u0000",
    "\x7f\x01",
]
characters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
texts = st.text(characters, max_size=30) | st.sampled_from(ODD)
names = st.text(characters, min_size=1, max_size=12) | st.sampled_from(ODD)
moments = st.datetimes(timezones=st.just(UTC)).map(lambda each: each.replace(fold=0))
parts = st.builds(rows.Part, st.just("text"), texts, st.sampled_from(get_args(rows.TextFormat)))
values = st.integers(-(2**53), 2**53) | texts | st.booleans()
free = st.dictionaries(names, values, min_size=1, max_size=2)
messages = st.builds(
    rows.MessageRow,
    role=st.sampled_from(get_args(rows.Role)),
    parts=st.lists(parts, max_size=2),
    tool_calls=st.none() | st.lists(free, min_size=1, max_size=1),
    tool_call_id=st.none() | names,
    name=st.none() | names,
)
said = st.builds(rows.Part, st.just("text"), texts.map(lambda text: text + "?"))
prompts = st.lists(messages, max_size=2).flatmap(
    lambda before: st.builds(
        lambda part: [*before, rows.MessageRow(role="user", parts=[part])], said
    )
)
documents = st.builds(
    rows.Document, texts, st.sampled_from(get_args(rows.DocumentKind)), st.lists(parts, max_size=2)
)
origins = {
    "origin": st.sampled_from(get_args(rows.Origin)),
    "model": st.none() | names,
    "model_version": st.none() | names,
    "parameters": st.none() | free,
    "generated_at": st.none() | moments,
    "generation_depth": st.none() | st.integers(0, 1000),
    "provider_terms": st.none() | texts,
    "licence": st.none() | names,
    "source": st.none() | texts,
}
provenances = st.builds(rows.Provenance, **origins)
responses = st.builds(
    rows.ResponseRow, messages=st.lists(messages, min_size=1, max_size=2), **origins
)


def answers(count: int) -> st.SearchStrategy[dict[str, Any]]:
    positions = [str(place + 1) for place in range(count)]
    pairs = list(combinations(range(1, count + 1), 2))
    kinds = [texts, st.lists(names, max_size=2)]
    if positions:
        numbers = st.integers(-10, 10) | st.just(2.5)
        kinds.append(
            st.dictionaries(st.sampled_from(positions), numbers, min_size=1, max_size=count)
        )
    if pairs:
        compared = st.lists(st.sampled_from(pairs), unique=True, min_size=1, max_size=len(pairs))
        kinds.append(compared.map(lambda some: [{"a": b, "b": a, "value": b - a} for a, b in some]))
    return st.dictionaries(names, st.one_of(kinds), min_size=1, max_size=3)


@st.composite
def items(draw: st.DrawFn) -> rows.ItemRow:
    given = draw(st.lists(responses, max_size=4))
    order = st.permutations(range(1, len(given) + 1)).map(list)
    reviews = st.builds(
        rows.ReviewRow,
        id=st.none(),
        rater=names,
        rater_kind=st.sampled_from(get_args(rows.RaterKind)),
        answers=answers(len(given)),
        cannot_judge=st.none() | st.just(rows.CannotJudge("bad_task", "no")),
        order=st.none() | order,
        submitted_at=st.none() | moments,
        active_seconds=st.none() | st.floats(0, 1000),
    )
    return rows.ItemRow(
        id=draw(st.none() | names),
        prompt=draw(prompts),
        context=draw(st.lists(documents, max_size=2)),
        responses=given,
        tags=draw(st.lists(names, max_size=3)),
        purpose=draw(st.sampled_from(get_args(rows.Purpose))),
        priority=draw(st.integers(-100, 100)),
        group=draw(st.none() | names),
        prompt_provenance=draw(st.none() | provenances),
        context_provenance=draw(st.none() | provenances),
        reviews=draw(st.lists(reviews, max_size=3, unique_by=lambda review: review.rater)),
    )


FIELDS = [
    *("id", "prompt", "context", "responses", "tags", "purpose", "priority", "reviews", "rater"),
    *("text", "messages", "role", "parts", "content", "type", "answers", "order", "a", "b"),
    *("value", "cannot_judge", "reason", "submitted_at", "parameters", "model", "1", "2"),
]
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats()
    | st.text(st.characters(), max_size=6)
    | st.sampled_from(["user", "text", "train", "unknown", "plain", "2024-01-01", "\0", "\ud800"])
)
json_values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=15,
)
reviews_like = st.dictionaries(
    st.sampled_from(["rater", "answers", "order", "rater_kind", "active_seconds", "x"]), json_values
)
rows_like = json_values | st.fixed_dictionaries(
    {"prompt": json_values | st.just("Why?")},
    optional={
        "responses": json_values | st.lists(json_values | st.just("Because."), max_size=3),
        "reviews": json_values | st.lists(reviews_like | json_values, max_size=3),
        "context": json_values,
        "tags": json_values,
        "id": json_values,
    },
)
