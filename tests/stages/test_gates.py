"""The gates on small frames: what each says of a pair, and what it holds only when asked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from curation.methods.contamination import Match
from curation.methods.licences import Terms
from curation.methods.places import Found
from curation.methods.signals import NOTHING, Signals
from curation.stages.contamination import CONTAMINATION
from curation.stages.gates import FLAGS, details_of, flag_counts, flags_of, signals_column
from curation.stages.language import LANGUAGE
from curation.stages.licences import LICENCES, terms_column
from curation.stages.outliers import OUTLIERS
from curation.stages.personal_data import PERSONAL_DATA
from curation.stages.secrets import SECRETS
from curation.stages.soundness import SOUNDNESS
from curation.stages.votes import VOTES
from curation.stages.wording import WORDING
from tests.stages.samples import ballot, pairs_of, written_signals

MAIL = Found(kind="email", start=0, end=5)
CARD = Found(kind="card", start=7, end=9)


def case(first=NOTHING, second=NOTHING, prompt=NOTHING):
    """A pair whose three texts say this, and one that says nothing."""
    pairs = pairs_of([{}, {}])
    said = {"prompt": prompt, "first": first, "second": second}
    written = {signals_column(side): [written_signals(each), None] for side, each in said.items()}
    return pairs.assign(**written), ballot(pairs)


def told(frame, column):
    return [None if value != value else value for value in frame[column].tolist()]


def held(frame):
    return frame["reason"].fillna("-").tolist()


MARKS = [
    (PERSONAL_DATA, "personal", {"first": Signals(personal=(MAIL, CARD)), "prompt": Signals(personal=(MAIL,))},
     "email in prompt; card, email in first", {}, "personal_data"),
    (SECRETS, "secret", {"second": Signals(secrets=(Found(kind="JWT", start=0, end=1),))},
     "JWT in second", {}, "secret"),
    (LANGUAGE, "other_language", {"prompt": Signals(language="en"), "first": Signals(language="de"), "second": Signals(language="en")},
     "first", {}, "other_language"),
    (SOUNDNESS, "broken", {"second": Signals(broken=("cut_off", "garbled"))}, "cut off, garbled in second", {}, "broken_text"),
]  # fmt: skip


@pytest.mark.parametrize(("stage", "column", "signals", "said", "params", "reason"), MARKS)
def test_a_gate_marks_and_holds_only_when_asked(stage, column, signals, said, params, reason):
    pairs, facts = case(**signals)
    marked = stage(pairs, facts, params)
    assert told(marked, column) == [said, None]
    assert held(marked) == ["-", "-"]
    assert held(stage(pairs, facts, {**params, "when_found": "hold"})) == [reason, "-"]


def test_redacting_marks_and_holds_nothing():
    pairs, facts = case(first=Signals(personal=(MAIL,)))
    found = PERSONAL_DATA(pairs, facts, {"when_found": "redact"})
    assert told(found, "personal") == ["email in first", None]
    assert held(found) == ["-", "-"]


def test_the_strongest_match_of_three_texts_is_told():
    weak = Match(set="A", name="1", share=0.5, own_share=0.2, in_a_row=9)
    strong = Match(set="B", name="2", share=0.9, own_share=0.1, in_a_row=20)
    pairs, facts = case(first=Signals(matches=(weak,)), prompt=Signals(matches=(strong, weak)))
    found = CONTAMINATION(pairs, facts)
    assert told(found, "eval_match") == ["B: 2", None]
    assert told(found, "eval_where") == ["prompt and first", None]
    assert found["eval_share"].tolist() == [0.9, 0.0]
    assert held(found) == ["in_evaluation_set", "-"]
    assert held(CONTAMINATION(pairs, facts, {"when_found": "flag"})) == ["-", "-"]


@pytest.mark.parametrize(
    ("expected", "said"),
    [("prompt", [None, None]), ("en", ["first", None]), ("de", [None, None])],
)
def test_a_language_may_be_named(expected, said):
    signals = {side: Signals(language="de") for side in ("prompt", "first")}
    pairs, facts = case(**signals)
    assert told(LANGUAGE(pairs, facts, {"expected": expected}), "other_language") == said


def test_each_phrase_has_a_setting_of_its_own():
    pairs, facts = case(
        first=Signals(wording=("refusal", "canned")), second=Signals(wording=("canned",))
    )
    found = WORDING(pairs, facts)
    assert told(found, "refusal") == ["first", None]
    assert told(found, "canned") == ["first and second", None]
    assert told(found, "names_model") == [None, None]
    assert held(WORDING(pairs, facts, {"when_canned": "hold"})) == ["canned", "-"]


def with_terms(**stated):
    pairs, facts = case()
    written = {terms_column(name): [each.written(), None] for name, each in stated.items()}
    return pairs.assign(**written), facts


POLICIES = [
    ({"first": Terms(licence="CC BY-NC 4.0")}, {}, None),
    ({"first": Terms(licence="CC BY-NC 4.0", origin="model")}, {"responses": "commercial"}, "first and second"),
    ({"first": Terms(licence="MIT"), "second": Terms(licence="MIT")}, {"responses": "open"}, None),
    ({"first": Terms(origin="human")}, {"people": "stated"}, "first"),
    ({"prompt": Terms(licence="GPL-3.0")}, {"prompts": "open"}, "prompt"),
    ({"prompt": Terms(licence="MIT"), "context": Terms(licence="")}, {"prompts": "stated"}, "context"),
    ({"second": Terms(provider_terms="No training of competing models.")}, {"terms": "unrestricted"}, "second"),
]  # fmt: skip


@pytest.mark.parametrize(("stated", "policy", "said"), POLICIES)
def test_a_policy_for_each_field_says_what_may_leave(stated, policy, said):
    pairs, facts = with_terms(**stated)
    found = LICENCES(pairs, facts, policy)
    assert told(found, "licence_refused")[0] == said
    assert held(found)[0] == ("licence" if said else "-")
    assert held(LICENCES(pairs, facts, {**policy, "when_found": "flag"})) == ["-", "-"]


def test_nobody_releases_what_a_licence_policy_holds():
    pairs, facts = with_terms(prompt=Terms(licence="GPL-3.0"))
    wished = replace(facts, by_hand=dict.fromkeys(pairs["pair"], "release"))
    assert held(LICENCES(pairs, wished, {"prompts": "open"}))[0] == "licence"


def test_far_longer_and_far_stronger_pairs_are_marked_in_runs_that_are_large_enough():
    rows = [{"first": "a" * (90 + n % 20), "second": "b" * (110 - n % 20)} for n in range(40)]
    pairs = pairs_of([*rows, {"first": "a" * 4000, "second": "b"}])
    facts = ballot(pairs, *[[1, 1, n % 2] for n in range(40)], [3, 3, 3])
    found = OUTLIERS(VOTES(pairs, facts), facts)
    assert found["length_outlier"].tolist() == [False] * 40 + [True]
    nearer = OUTLIERS(VOTES(pairs, facts), facts, {"far": 4.0})
    assert nearer["margin_outlier"].tolist() == [False] * 40 + [True]
    assert not found["margin_outlier"].any()
    assert found["length_ratio"][40] == 2000.5
    few = pairs_of([{"first": "a" * 4000, "second": "b"}, {}])
    assert not OUTLIERS(VOTES(few, ballot(few, [1])), ballot(few))["length_outlier"].any()


def test_flags_and_details_of_a_row_are_what_its_columns_say():
    pairs, facts = case(first=Signals(personal=(MAIL,), wording=("refusal",)))
    found = WORDING(PERSONAL_DATA(pairs, facts), facts)
    first, second = found.astype(object).where(found.notna(), None).itertuples(index=False)
    assert flags_of(first) == ["personal", "refusal"]
    assert details_of(first) == {"personal": "email in first", "refusal": "first"}
    assert (flags_of(second), details_of(second)) == ([], {})
    assert flag_counts(found) == {
        "personal": {"pairs": 1, "kept": 1},
        "refusal": {"pairs": 1, "kept": 1},
    }
    assert set(FLAGS) >= set(flags_of(first))
