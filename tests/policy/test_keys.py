"""The desk's keys: one key, one act; and every control that has a key is an act that can be moved."""

from __future__ import annotations

import re
from pathlib import Path

from feedback.policy.keys import ACTS, clashes, moved

CHECKOUT = Path(__file__).parents[2]
CONTROL = re.compile(r"""data-key=["']([^"'{]+)["']""")


def test_as_delivered_nothing_clashes() -> None:
    assert list(clashes({})) == []


def test_what_clashes_is_said_once_at_the_later_act() -> None:
    found = list(clashes({"g": "d", "f": "", "s": " ", "u": "ab", "q!": "q"}))
    assert {(each.act, each.code) for each in found} == {
        ("g", "key_taken"),
        ("f", "no_key"),
        ("s", "no_key"),
        ("u", "no_key"),
        ("q!", "unknown_act"),
    }
    assert "The key d is “Differences between A and B” already." in next(
        each.sentence for each in found if each.act == "g"
    )


def test_only_what_moved_is_kept() -> None:
    assert moved({"s": "X", "d": "d", "?": "?", "[": "Ö"}) == {"s": "x", "[": "ö"}


def test_every_control_with_a_key_can_be_moved() -> None:
    places = [*CHECKOUT.glob("templates/**/*.html"), *CHECKOUT.glob("static/js/**/*.js")]
    controls = {key for place in places for key in CONTROL.findall(place.read_text())}
    assert {"s", "f", "d", "u", "?"} <= controls
    assert controls <= {act.key for act in ACTS}
