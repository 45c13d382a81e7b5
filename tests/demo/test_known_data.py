"""The known figures agree, and computing them leaves nothing behind."""

from __future__ import annotations

import io

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command

from config.demo.known.figure import Figure, rounded
from config.demo.known.throwaway import NotKnown
from config.management.commands import known_data


def everything() -> dict[str, int]:
    """How many rows every table has, and how many files are stored."""
    ours = [model for model in apps.get_models() if model._meta.managed]
    files = sum(path.is_file() for path in settings.FILES_ROOT.rglob("*"))
    return {model._meta.label: model.objects.count() for model in ours} | {"files": files}


@pytest.mark.django_db
def test_every_known_figure_agrees_and_nothing_is_left():
    before, out = everything(), io.StringIO()
    call_command("known_data", stdout=out)
    lines = out.getvalue().splitlines()
    assert sum(line.endswith("✓") for line in lines) == 82
    assert not any(line.endswith("✗") for line in lines)
    assert everything() == before


@pytest.mark.django_db
def test_a_figure_that_does_not_agree_is_marked_and_ends_the_command_with_an_error(monkeypatch):
    off = [Figure("PandaLM", "items", 999, 998), Figure("PandaLM", "kept", None, 744)]
    monkeypatch.setattr(known_data, "PARTS", [lambda _: iter(off)])
    out = io.StringIO()
    with pytest.raises(CommandError, match="1 figures do not agree"):
        call_command("known_data", stdout=out)
    assert [line[-1] for line in out.getvalue().splitlines()[1:]] == ["✗", "4"]


@pytest.mark.django_db
def test_a_part_that_breaks_leaves_nothing_either(tmp_path, monkeypatch):
    before, rows = everything(), tmp_path / "rows.jsonl"
    rows.write_text('{"prompt": "Why?", "responses": ["A", "B"]}\n')

    def breaks(inside):
        _, job = inside.bring_in("broken", "chat", rows)
        yield Figure("rows", "items", 1, job.items_created)
        raise NotKnown("It broke.")

    monkeypatch.setattr(known_data, "PARTS", [breaks])
    with pytest.raises(NotKnown):
        list(known_data.figures())
    assert everything() == before


def test_a_figure_agrees_within_its_digits_or_its_tolerance():
    assert rounded("d", "κ", 0.8520, 0.85204).agrees
    assert rounded("d", "κ", 0.8520, 0.85206).agrees is False
    assert rounded("d", "κ", 0.8520, None).agrees is False
    assert Figure("d", "accuracy", 0.713, 0.7176, 0.005).agrees
    assert Figure("d", "accuracy", 0.713, 0.7181, 0.005).agrees is False
    assert Figure("d", "counts", "1 / 2", "1 / 2").agrees
    assert Figure("d", "kept", None, 744).agrees is None
