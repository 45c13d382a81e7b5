"""Conversations as trainers read them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.formats.content import (
    ANSWERING,
    SPOKEN_TO,
    FormatError,
    LeftOut,
    conversation,
    cut_answer,
    cut_pair,
    joined,
    row_hash,
    with_context,
)
from tests.formats.samples import canonical, stored, turn


def said(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}


def document(title: str, text: str, kind: str = "source") -> dict[str, object]:
    return {"title": title, "kind": kind, "parts": [{"type": "text", "text": text}]}


def test_parts_are_joined_with_a_blank_line_and_otherwise_untouched():
    two = stored(turn("user", " Look:\n", "+ added  "))
    assert conversation(two) == [said("user", " Look:\n\n\n+ added  ")]


def test_a_message_without_parts_has_empty_content():
    assert conversation('[{"role":"assistant","parts":[]}]') == [said("assistant", "")]


def test_a_part_that_is_no_text_is_refused_by_name():
    with pytest.raises(FormatError, match="type “image”") as refused:
        joined([{"type": "image", "url": "x"}])
    assert refused.value.code == "unsupported_part"


def test_documents_stand_before_the_words_of_the_last_user_turn():
    prompt = [
        said("system", "Be brief."),
        said("user", "Hello"),
        said("assistant", "Yes?"),
        said("user", "Who won?"),
    ]
    documents = canonical(
        [document("Smith v. Jones", "Jones won."), document("", "+1", "test_run")]
    )
    assert with_context(prompt, documents) == [
        *prompt[:3],
        said(
            "user",
            "## Source: Smith v. Jones\n\nJones won.\n\n## Test run\n\n+1\n\n## Request\n\nWho won?",
        ),
    ]
    assert prompt[3] == said("user", "Who won?"), "the prompt that was given stays as it is"


def test_documents_make_a_user_turn_where_there_is_none():
    briefed = with_context(
        [said("system", "Sum up.")], canonical([document("A\nB", "text", "note")])
    )
    assert briefed == [said("system", "Sum up."), said("user", "## Note: A B\n\ntext")]


def test_a_prompt_without_documents_is_left_as_it_is():
    prompt = [said("user", "Why?")]
    assert with_context(prompt, "[]") is prompt


def test_tool_fields_come_only_when_asked_and_arguments_are_strings():
    call = {
        "id": "c1",
        "type": "function",
        "function": {"name": "find", "arguments": {"q": "é", "a": [1]}},
    }
    text = stored(
        turn("assistant", tool_calls=[call, {"name": "stop"}]),
        turn("tool", "found", tool_call_id="c1", name="find"),
    )
    calls, result = conversation(text, tools=True)
    assert calls["tool_calls"] == [
        {
            "id": "c1",
            "type": "function",
            "function": {"name": "find", "arguments": '{"a":[1],"q":"é"}'},
        },
        {"id": None, "type": "function", "function": {"name": "stop", "arguments": "{}"}},
    ]
    assert result == {
        "role": "tool",
        "content": "found",
        "tool_calls": None,
        "tool_call_id": "c1",
        "name": "find",
    }
    with pytest.raises(LeftOut) as left:
        conversation(text)
    assert left.value.code == "uses_tools"


def test_arguments_that_are_a_string_already_stay_one():
    call = {"function": {"name": "find", "arguments": '{"q": 1}'}}
    (message,) = conversation(stored(turn("assistant", tool_calls=[call])), tools=True)
    assert message["tool_calls"][0]["function"]["arguments"] == '{"q": 1}'


def test_the_sides_of_a_plain_pair_are_its_responses():
    asked, good, bad = [said("user", "q")], [said("assistant", "a")], [said("assistant", "b")]
    assert cut_pair(asked, good, bad) == (asked, good, bad)


def test_what_responses_of_several_turns_share_moves_into_the_prompt():
    asked = [said("user", "q")]
    shared = [said("assistant", "first"), said("user", "more")]
    cut = cut_pair(asked, [*shared, said("assistant", "a")], [*shared, said("assistant", "b")])
    assert cut == ([*asked, *shared], [said("assistant", "a")], [said("assistant", "b")])


def test_words_of_the_assistant_at_the_end_of_a_prompt_go_to_both_sides():
    opening = said("assistant", "Dear")
    sir, you = said("assistant", "Sir"), said("assistant", "you")
    cut = cut_pair([said("user", "q"), opening], [sir], [you])
    assert cut == ([said("user", "q")], [opening, sir], [opening, you])


def test_a_prompt_ends_after_a_tools_answer_only_if_the_assistant_speaks_next():
    asked, call = [said("user", "q")], said("assistant", "calling two")
    one, two, other = said("tool", "1"), said("tool", "2"), said("tool", "3")
    end = said("assistant", "so")
    assert cut_pair(asked, [call, one, end], [call, one, said("assistant", "no")])[0] == [
        *asked,
        call,
        one,
    ]
    assert cut_pair(asked, [call, one, two, end], [call, one, other, end])[0] == asked


A, U, S, T = (said(role, "x") for role in ("assistant", "user", "system", "tool"))


@pytest.mark.parametrize(
    ("prompt", "chosen", "rejected", "code"),
    [
        ([], [A], [said("assistant", "y")], "no_prompt"),
        ([S], [A], [said("assistant", "y")], "no_prompt"),
        ([U], [A], [A], "same_answer"),
        ([U], [], [A], "no_answer"),
        ([U], [A, T], [A], "no_answer"),
        ([U], [said("assistant", "1"), U, A], [said("assistant", "2"), U, A], "further_turns"),
        ([U], [A, U], [said("assistant", "2")], "further_turns"),
    ],
)
def test_a_pair_that_is_no_dpo_pair_says_why(prompt, chosen, rejected, code):
    with pytest.raises(LeftOut) as left:
        cut_pair(prompt, chosen, rejected)
    assert left.value.code == code


def test_one_response_stays_whole():
    response = [A, T, said("assistant", "done")]
    assert cut_answer([U], response) == ([U], response)
    assert cut_answer([U, A], [said("assistant", "on")]) == ([U], [A, said("assistant", "on")])
    with pytest.raises(LeftOut, match="not the assistant's"):
        cut_answer([U], [A, U, A])


turns = st.lists(
    st.builds(
        said,
        st.sampled_from(["system", "user", "assistant", "tool"]),
        st.sampled_from(["", "a", "b\u202e"]),
    ),
    max_size=4,
)


@given(turns, turns, turns)
def test_a_cut_loses_no_turn_and_hands_over_where_the_assistant_speaks(prompt, chosen, rejected):
    try:
        shared, *sides = cut_pair(prompt, chosen, rejected)
    except LeftOut:
        return
    assert [[*shared, *side] for side in sides] == [[*prompt, *chosen], [*prompt, *rejected]]
    assert shared[-1]["role"] in SPOKEN_TO
    for side in sides:
        assert side[0]["role"] == side[-1]["role"] == "assistant"
        assert {turn["role"] for turn in side} <= set(ANSWERING)


@given(st.text(), st.text())
def test_any_text_survives_word_for_word(words, law):
    prompt = conversation(json.dumps([turn("user", words)]))
    assert prompt == [said("user", words)]
    (asked,) = with_context(prompt, json.dumps([document("L", law)]))
    assert asked["content"] == f"## Source: L\n\n{law}" + (
        f"\n\n## Request\n\n{words}" if words else ""
    )


def test_a_rows_hash_ignores_the_spelling_of_json_and_nothing_else():
    assert row_hash('[{"a": 1, "b": 2}]') == row_hash('[{"b":2,"a":1}]')
    assert len({row_hash("[]", "[1]"), row_hash("[1]", "[]"), row_hash("[[], [1]]")}) == 3
