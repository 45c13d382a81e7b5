"""Forms and bodies as hypothesis draws them: any form that can be, and any faultless body of it."""

from __future__ import annotations

from itertools import combinations, pairwise

from hypothesis import strategies as st

from feedback.forms.body import REASONS
from feedback.forms.questions import (
    Authorities,
    Checklist,
    Choice,
    Critiques,
    Preference,
    Ranking,
    Rating,
    Rewrite,
    Steps,
    Text,
)
from feedback.forms.schema import Form, parse_form
from feedback.forms.splitting import RULES

words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
titles = words.filter(str.strip)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=8)
    | st.sampled_from(["A", "B", "1", "2", "reason", "bad_task", "value", "much"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["a", "b", "value", "answers", "cannot_judge", "A", "1", "preference", "why"]
            )
            | st.text(st.characters(), max_size=5),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@st.composite
def questions(draw: st.DrawFn, most: int) -> dict[str, object]:
    kinds = [
        "rating",
        "choice",
        "critiques",
        "authorities",
        "rewrite",
        "steps",
        "checklist",
        "text",
    ]
    kinds += ["preference"] * (most >= 2) + ["ranking"] * (most >= 3)
    kind = draw(st.sampled_from(kinds))
    common = {
        "type": kind,
        "title": draw(titles),
        "guide": draw(words),
        "required": draw(st.booleans()),
    }
    return common | draw(PARTS[kind])


PARTS = {
    "preference": st.fixed_dictionaries(
        {
            "steps": st.sampled_from([3, 7]),
            "allow_tie": st.booleans(),
            "allow_both_unacceptable": st.booleans(),
        }
    ),
    "ranking": st.fixed_dictionaries({"allow_ties": st.booleans(), "allow_partial": st.booleans()}),
    "checklist": st.just(
        {
            "criteria": [
                {"value": "c1", "title": "It is so"},
                {"value": "c2", "title": "No", "weight": -3},
            ]
        }
    ),
    "steps": st.fixed_dictionaries(
        {"split": st.sampled_from(RULES), "to_first_error": st.booleans()}
    ),
    "rewrite": st.fixed_dictionaries({}, optional={"max_length": st.just(60)}),
    "rating": st.integers(-5, 5).flatmap(
        lambda low: st.fixed_dictionaries(
            {"min": st.just(low), "max": st.integers(low + 1, low + 10)},
            optional={
                "anchors": st.just({str(low): "lowest"}),
                "acceptable_from": st.just(low + 0.5),
            },
        )
    ),
    "choice": st.fixed_dictionaries(
        {
            "options": st.integers(1, 5).map(
                lambda n: [{"value": f"option_{i}", "title": f"Option {i}"} for i in range(n)]
            ),
            "multiple": st.booleans(),
            "per": st.sampled_from(["item", "response"]),
        }
    ),
    "critiques": st.fixed_dictionaries(
        {
            "categories": st.integers(1, 3).map(
                lambda n: [{"value": f"category_{i}", "title": f"Category {i}"} for i in range(n)]
            )
        },
        optional={
            "comments": st.booleans(),
            "severities": st.just([{"value": "bad", "title": "Bad", "weight": 3}]),
        },
    ),
    "authorities": st.fixed_dictionaries({}, optional={"comments": st.booleans()}),
    "text": st.fixed_dictionaries(
        {}, optional={"max_length": st.just(60), "multiline": st.booleans()}
    ),
}


@st.composite
def forms(draw: st.DrawFn, most: int = 16) -> Form:
    """A form that shows 1 to `most` responses."""
    drawn = draw(st.lists(questions(most), min_size=1, max_size=5))
    return parse_form(
        {
            "desk": "compare",
            "responses": {"min": 1, "max": most},
            "usual_minutes": draw(st.integers(1, 480)),
            "questions": [question | {"id": f"question-{i}"} for i, question in enumerate(drawn)],
        }
    )


@st.composite
def bodies(draw: st.DrawFn, form: Form, count: int) -> dict[str, object]:
    """A faultless body by positions, finished or not, in its stored shape."""
    answers = {}
    for question in form.questions:
        value = draw(st.none() | answers_to(question, count))
        if value:
            answers[question.id] = value
    escape = st.fixed_dictionaries({"reason": st.sampled_from([*REASONS]), "note": words})
    return {"answers": answers, "cannot_judge": draw(st.none() | escape)}


def answers_to(question: object, count: int) -> st.SearchStrategy[object]:
    positions = [str(n) for n in range(1, count + 1)]
    match question:
        case Preference():
            return preferences(question, count)
        case Ranking():
            return rankings(question, count)
        case Rewrite() | Steps() | Checklist():
            return whole_answers(question, count)
        case Rating():
            return st.dictionaries(
                st.sampled_from(positions), st.integers(question.min, question.max)
            )
        case Choice(per="item"):
            return chosen(question)
        case Choice():
            return st.dictionaries(st.sampled_from(positions), chosen(question))
        case Critiques():
            return critiques(question, count)
        case Text():
            return words
    raise AssertionError(question)


def whole_answers(
    question: Rewrite | Steps | Checklist, count: int
) -> st.SearchStrategy[dict[str, object]]:
    positions = st.sampled_from([str(n) for n in range(1, count + 1)])
    if isinstance(question, Rewrite):
        source = st.none() | st.sampled_from(range(1, count + 1))
        return st.fixed_dictionaries({"from": source, "text": words.filter(bool)})
    if isinstance(question, Steps):
        return st.dictionaries(positions, labelled(), min_size=1)
    ids = st.sampled_from([each.value for each in question.criteria])
    marks = st.dictionaries(ids, st.sampled_from(["yes", "no", "na"]), min_size=1)
    return st.dictionaries(positions, marks, min_size=1)


def chosen(question: Choice) -> st.SearchStrategy[list[str]]:
    most = len(question.options) if question.multiple else 1
    values = st.sampled_from([option.value for option in question.options])
    return st.lists(values, unique=True, min_size=1, max_size=most)


@st.composite
def preferences(draw: st.DrawFn, question: Preference, count: int) -> list[dict[str, object]]:
    every = [*combinations(range(1, count + 1), 2)][:40]
    if not every:
        return []
    entries = []
    for pair in draw(st.lists(st.sampled_from(every), unique=True, max_size=6)):
        a, b = draw(st.permutations(pair))
        outcome = draw(st.integers(1 - question.middle, question.middle - 1))
        entry: dict[str, object] = {"a": a, "b": b, "value": outcome}
        if outcome == 0 and not question.allow_tie and not question.allow_both_unacceptable:
            entry["value"] = 1
        elif (
            outcome == 0
            and question.allow_both_unacceptable
            and (not question.allow_tie or draw(st.booleans()))
        ):
            entry["both_unacceptable"] = True
        entries.append(entry)
    return entries


@st.composite
def rankings(draw: st.DrawFn, question: Ranking, count: int) -> list[list[int]]:
    """Some of the responses in some order, cut into tiers."""
    left = draw(st.permutations(range(1, count + 1)))[: draw(st.integers(0, count))]
    tiers: list[list[int]] = []
    while left:
        size = draw(st.integers(1, len(left))) if question.allow_ties else 1
        tiers.append(left[:size])
        left = left[size:]
    return tiers


@st.composite
def labelled(draw: st.DrawFn) -> dict[str, object]:
    """The steps of one response, at least one of them labelled."""
    ends = sorted(draw(st.sets(st.integers(1, 500), min_size=2, max_size=8)))
    labels = st.sampled_from([1, 0, -1, None])
    steps = [{"start": start, "end": end, "label": draw(labels)} for start, end in pairwise(ends)]
    steps[0]["label"] = draw(st.sampled_from([1, 0, -1]))
    return {"steps": steps}


@st.composite
def reviewed(draw: st.DrawFn, most: int = 16) -> tuple[Form, dict[str, object], list[int]]:
    """A form, a body of it by positions, and an order in which the responses were shown."""
    form = draw(forms(most))
    count = draw(st.integers(1, most))
    return form, draw(bodies(form, count)), draw(st.permutations(range(1, count + 1)))


@st.composite
def critiques(draw: st.DrawFn, question: Critiques, count: int) -> list[dict[str, object]]:
    made = []
    for number in range(1, draw(st.integers(0, 3)) + 1):
        start, exact = draw(st.integers(0, 500)), draw(words.filter(bool))
        anchor = {"type": "span", "part": 0, "start": start, "end": start + len(exact)}
        critique: dict[str, object] = {
            "id": f"c{number}",
            "on": draw(st.integers(1, count)),
            "anchor": anchor | {"exact": exact, "prefix": draw(words), "suffix": ""},
            "category": draw(st.sampled_from(["", *(each.value for each in question.categories)])),
            "severity": draw(st.sampled_from(["", *(each.value for each in question.severities)])),
            "comment": draw(words),
        }
        if question.suggestions and draw(st.booleans()):
            critique["suggestion"] = draw(words)
        if isinstance(question, Authorities):
            critique |= {"authority": f"{number}-us-1", "everywhere": draw(st.booleans())}
        made.append(critique)
    return made
