"""The digest: due by one's own clock, blind, sent once, stopped by its link without a name."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.core import mail

from feedback.actions import digest, flags, threads
from feedback.models import User
from tests.steps import claim
from tests.web.pages import Reader
from tests.world import World, make_item

LINK = re.compile(r"/digest/stop/[^/]+/")


@pytest.fixture(autouse=True)
def mailing(settings: Any) -> None:
    settings.EMAIL_CONFIGURED = True


@pytest.fixture
def morning() -> dt.datetime:
    """A Monday, 8:30 in London, half past five in the afternoon in Tokyo."""
    return dt.datetime(2026, 11, 30, 8, 30, tzinfo=dt.UTC)


def wants(user: User, how: str, zone: str = "UTC") -> None:
    User.objects.filter(pk=user.pk).update(digest=how, time_zone=zone)


def test_what_waits_is_sent_in_numbers_and_nothing_else(world: World, morning: dt.datetime) -> None:
    for rank in range(2):
        make_item(world.project, "Why is the sky blue?", rank=rank, wanted=3)
    held = claim(world, world.ana)
    place = world.place(world.ana)
    thread = threads.ask(place=place, assignment=held, text="A question?", now=world.now)
    flags.flag(place=place, assignment=held, reason="other", note="A note", now=world.now)
    wants(world.ana, "daily")
    wants(world.mara, "daily")
    assert digest.send_digests(now=morning) == 2
    sent = {message.to[0]: message for message in mail.outbox}
    manager = sent["mara@example.org"].body
    assert "Chat: 1 question without an answer, 1 flag to settle" in manager
    assert "Chat: 2 items left for today" in sent["ana@example.org"].body
    later = world.now + dt.timedelta(minutes=1)
    threads.say(place=world.place(world.mara), thread=thread, text="An answer.", now=later)
    assert digest.send_digests(now=morning + dt.timedelta(days=1)) == 2
    assert "1 of your questions was answered" in mail.outbox[-2].body + mail.outbox[-1].body
    for message in mail.outbox:
        html = str(message.alternatives[0][0])  # type: ignore[attr-defined]
        for text in (message.body, html):
            for secret in ("sky blue", "Scattering", "A question", "A note", "An answer", "Mara"):
                assert secret not in text
        assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_nobody_is_mailed_who_did_not_ask_or_for_whom_nothing_waits(
    world: World, morning: dt.datetime
) -> None:
    wants(world.ben, "daily")
    assert digest.send_digests(now=morning) == 0
    make_item(world.project)
    assert digest.send_digests(now=morning + dt.timedelta(days=1)) == 1
    assert [message.to for message in mail.outbox] == [["ben@example.org"]]


def test_without_configured_mail_nothing_is_sent(
    world: World, morning: dt.datetime, settings: Any
) -> None:
    settings.EMAIL_CONFIGURED = False
    make_item(world.project)
    wants(world.ana, "daily")
    assert digest.send_digests(now=morning) == 0
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("how", "zone", "hours", "sent"),
    [
        ("daily", "UTC", 0, True),
        ("daily", "America/New_York", 0, False),
        ("daily", "America/New_York", 4, True),
        ("weekly", "UTC", 0, True),
        ("weekly", "UTC", 24, False),
        ("weekly", "Pacific/Kiritimati", -14, True),
        ("off", "UTC", 0, False),
    ],
)
def test_it_is_due_by_ones_own_clock(
    world: World, morning: dt.datetime, how: str, zone: str, hours: int, sent: bool
) -> None:
    wants(world.ana, how, zone)
    world.ana.refresh_from_db()
    assert digest.due(world.ana, morning + dt.timedelta(hours=hours)) is sent


def test_once_a_day_is_once(world: World, morning: dt.datetime) -> None:
    make_item(world.project)
    wants(world.ana, "daily")
    counts = [digest.send_digests(now=morning + dt.timedelta(hours=h)) for h in (0, 1, 23, 24)]
    assert counts == [1, 0, 1, 0]


def test_what_could_not_be_sent_is_tried_again(
    world: World, morning: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_item(world.project)
    wants(world.ana, "daily")
    with monkeypatch.context() as patch:

        def fail(_message: object) -> None:
            raise ConnectionRefusedError

        patch.setattr("feedback.actions.digest.EmailMultiAlternatives.send", fail)
        assert digest.send_digests(now=morning) == 0
    assert digest.send_digests(now=morning + dt.timedelta(minutes=15)) == 1


def test_the_link_stops_it_without_a_name_and_asks_first(
    world: World, morning: dt.datetime
) -> None:
    make_item(world.project)
    wants(world.ana, "daily")
    digest.send_digests(now=morning)
    link = LINK.search(str(mail.outbox[0].body))
    assert link is not None
    nobody = Reader()
    assert "Stop the digest?" in nobody.get(link[0])
    world.ana.refresh_from_db()
    assert world.ana.digest == "daily"
    for _ in range(2):
        assert "You get no more digests" in nobody.post(link[0])
    world.ana.refresh_from_db()
    assert world.ana.digest == "off"
    assert "ana@example.org" not in nobody.get(link[0]).source
    assert nobody.post(link[0][:-3] + "x/").status == 410
