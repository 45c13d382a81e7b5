"""What a prompt is when prompts are compared."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from curation.methods.shingles import normalised
from curation.methods.templates import last_turn, without_template

# A busy machine is no defect.
unhurried = settings(deadline=None)


def said(role, *texts):
    return {"role": role, "parts": [{"type": "text", "text": text} for text in texts]}


def test_a_prompt_is_its_last_user_turn_and_its_context():
    messages = [said("system", "Be terse."), said("user", "First?"), said("assistant", "One.")]
    messages += [said("user", "And then?", "More."), said("assistant", "Calling.")]
    context = [{"title": "Act", "kind": "statute", "parts": [{"type": "text", "text": "§ 1"}]}]
    assert last_turn(messages, context) == "And then?\n\nMore.\n\n§ 1"


def test_without_a_user_the_last_message_counts_and_without_messages_the_context():
    assert last_turn([said("system", "Write a poem.")], []) == "Write a poem."
    assert (
        last_turn([], [{"kind": "note", "parts": [{"type": "text", "text": "A note"}]}]) == "A note"
    )
    assert last_turn([], []) == ""


def test_declared_template_text_goes_and_what_fills_it_stays():
    template = "You are a careful lawyer.\n\nAnswer {name}: {question}\n\nCite {n} cases."
    filled = "You are a CAREFUL lawyer.\n\nAnswer Ms Reed: may he appeal?\n\nCite 3 cases."
    assert without_template([filled], [template]) == ["ms reed may he appeal? 3"]


def test_a_declared_word_is_not_cut_out_of_longer_words():
    assert without_template(["Category: cat\n\ncat"], ["cat"]) == ["category:"]


def test_a_prompt_that_is_all_template_stays_whole():
    assert without_template(["Answer now."], ["Answer now."]) == ["answer now."]


def test_paragraphs_shared_by_more_than_a_fifth_of_ten_prompts_go():
    asked = [f"Question {i}" for i in range(10)]
    boiler = [text + "\n\nThink step by step." * (i < 3) for i, text in enumerate(asked)]
    assert without_template(boiler) == [normalised(text) for text in asked]
    two = [text + "\n\nThink step by step." * (i < 2) for i, text in enumerate(asked)]
    assert without_template(two)[0] == "question 0 think step by step."


def test_below_ten_distinct_prompts_nothing_is_taken_for_shared():
    nine = [f"Question {i}\n\nThink step by step." for i in range(9)] * 5
    assert without_template(nine)[0] == "question 0 think step by step."


def test_a_prompt_of_shared_paragraphs_only_stays_whole():
    prompts = [f"Rules.\n\nQuestion {i}" for i in range(9)] + ["Rules."]
    assert without_template(prompts)[-1] == "rules."
    assert without_template(prompts)[0] == "question 0"


paragraphs = st.lists(st.sampled_from(["a", "b b", "c c c", "Ä", "漢", " "]), max_size=4)


@unhurried
@given(
    st.lists(paragraphs, max_size=15), st.lists(st.sampled_from(["a", "b {x} b", "漢"]), max_size=2)
)
def test_no_prompt_with_words_is_emptied_and_order_does_not_matter(given_paragraphs, declared):
    texts = ["\n\n".join(each) for each in given_paragraphs]
    found = without_template(texts, declared)
    assert [bool(each) for each in found] == [bool(normalised(text)) for text in texts]
    assert without_template(texts[::-1], declared) == found[::-1]
