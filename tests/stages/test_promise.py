"""A stage that breaks its promise is stopped, and settings are checked before they are used."""

from __future__ import annotations

import numpy as np
import pytest

from curation.stages.base import BrokenPromise, Facts, Param, Stage, hold
from tests.stages.samples import pairs_of, votes_of

NOBODY = Facts(votes=votes_of([]))


def stage(run, **more):
    more = {"reasons": {"odd": "It is odd."}} | more
    return Stage(name="trial", title="Trial", says="Tries.", run=run, **more)


def held(where, reason="odd", detail="It is odd."):
    return lambda pairs, facts, params: hold(pairs, np.array(where), reason, detail)


BREAKS = {
    "drops a row": lambda pairs, facts, params: pairs.iloc[1:],
    "reorders": lambda pairs, facts, params: pairs.iloc[::-1],
    "changes a text": lambda pairs, facts, params: pairs.assign(first="other"),
    "loses a column": lambda pairs, facts, params: pairs.drop(columns="group_id"),
    "adds a column unannounced": lambda pairs, facts, params: pairs.assign(extra=1),
    "holds without a reason": lambda pairs, facts, params: pairs.assign(held=True),
    "gives a reason without holding": lambda pairs, facts, params: pairs.assign(reason="odd"),
    "gives an unannounced reason": held([True, False], reason="strange"),
    "writes a detail to a row it did not hold": lambda pairs, facts, params: pairs.assign(
        detail="x"
    ),
}


@pytest.mark.parametrize("what", BREAKS)
def test_a_stage_that_breaks_its_promise_is_stopped(what):
    with pytest.raises(BrokenPromise):
        stage(BREAKS[what])(pairs_of([{}, {}]), NOBODY)


def test_a_stage_must_add_what_it_announces():
    idle = stage(lambda pairs, facts, params: pairs, adds=("weight",))
    with pytest.raises(BrokenPromise, match="weight"):
        idle(pairs_of([{}]), NOBODY)


def test_no_stage_may_release_or_rename_what_another_held():
    pairs = stage(held([True, False]))(pairs_of([{}, {}]), NOBODY)
    release = stage(lambda pairs, facts, params: pairs.assign(held=False, reason=None, detail=None))
    other = stage(
        lambda pairs, facts, params: pairs.assign(reason=pairs["reason"].mask(pairs["held"], "x"))
    )
    for breaker in (release, other):
        with pytest.raises(BrokenPromise):
            breaker(pairs, NOBODY)


def test_changing_the_frame_in_place_does_not_reach_the_caller():
    def scribble(pairs, facts, params):
        pairs.loc[:, "first"] = "scribbled"
        return pairs

    pairs = pairs_of([{}, {}])
    with pytest.raises(BrokenPromise):
        stage(scribble)(pairs, NOBODY)
    assert pairs["first"].tolist() == ["one 0", "one 1"]


def test_a_held_row_names_its_stage_and_only_its_first_reason():
    twice = stage(held([True, False]))(pairs_of([{}, {}]), NOBODY)
    again = Stage(
        name="later", title="Later", says="Tries.", run=held([True, True]), reasons={"odd": "Odd."}
    )(twice, NOBODY)
    assert again["stage"].tolist() == ["trial", "later"]
    assert again["held"].tolist() == [True, True]


NUMBER = Param(name="share", title="Share", kind="number", default=0.1, least=0, most=0.5)
WHOLE = Param(name="cap", title="Cap", kind="integer", default=0, least=0)
CHOICE = Param(name="how", title="How", kind="choice", default="a", choices=("a", "b"))


@pytest.mark.parametrize(
    ("param", "value", "code"),
    [
        (NUMBER, 0.5, None),
        (NUMBER, 0, None),
        (NUMBER, 0.51, "out_of_bounds"),
        (NUMBER, float("nan"), "out_of_bounds"),
        (NUMBER, "0.1", "not_a_number"),
        (NUMBER, True, "not_a_number"),
        (NUMBER, None, "not_a_number"),
        (WHOLE, 10**12, None),
        (WHOLE, 1.0, "not_whole"),
        (WHOLE, -1, "out_of_bounds"),
        (CHOICE, "b", None),
        (CHOICE, "c", "not_a_choice"),
        (CHOICE, ["a"], "not_a_choice"),
    ],
)
def test_a_setting_is_checked_by_kind_and_bounds(param, value, code):
    found = stage(held([]), params=(param,)).check({param.name: value})
    assert [problem.code for problem in found] == ([code] if code else [])
    assert all(problem.path == param.name for problem in found)


def test_an_unknown_setting_is_refused_and_a_missing_one_takes_its_default():
    trial = stage(held([]), params=(WHOLE,))
    assert [problem.code for problem in trial.check({"cup": 1})] == ["unknown_param"]
    assert trial.check({}) == ()
    assert trial.defaults == {"cap": 0}


def test_a_problem_is_a_sentence_with_the_bounds():
    (problem,) = stage(held([]), params=(NUMBER,)).check({"share": 2})
    assert problem.sentence == "“Share” must be between 0 and 0.5."
    (problem,) = stage(held([]), params=(WHOLE,)).check({"cap": -2})
    assert problem.sentence == "“Cap” must be at least 0."
