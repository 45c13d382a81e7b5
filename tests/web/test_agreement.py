"""The agreement: read, accepted for good, published anew."""

from __future__ import annotations

from feedback.models import Acceptance, Agreement
from tests.web.pages import Reader
from tests.world import World

BASE = "/w/northgate/agreement/"


def test_a_member_reads_and_accepts_and_goes_on_where_they_were_going(world: World) -> None:
    mara = Reader(world.mara)
    page = mara.get(BASE, {"next": "/w/northgate/p/chat/desk/"})
    assert "What you agree to when you review" in page
    seen = mara.post(BASE, {"version": "1", "next": "/w/northgate/p/chat/desk/"})
    assert seen.to == "/w/northgate/p/chat/desk/"
    assert Acceptance.objects.filter(membership__user=world.mara).count() == 1
    after = mara.get(BASE)
    assert "You accepted it on" in after
    assert "I have read it and accept it" not in after


def test_accepting_twice_is_once_and_nobody_is_sent_to_another_house(world: World) -> None:
    mara = Reader(world.mara)
    for _ in range(2):
        assert mara.post(BASE, {"version": "1", "next": "https://evil.example/"}).to == "/"
    assert Acceptance.objects.filter(membership__user=world.mara).count() == 1


def test_an_agreement_that_changed_meanwhile_is_read_first(world: World) -> None:
    mara = Reader(world.mara)
    Reader(world.ines).post(BASE + "new/", {"text": "# Another\n\nAll is new."})
    for version in ("1", "not a number"):
        assert "The agreement has changed since you opened it" in mara.follow(
            BASE, {"version": version}
        )
    assert not Acceptance.objects.filter(membership__user=world.mara).exists()


def test_an_owner_publishes_a_version_and_the_same_text_is_none(world: World) -> None:
    ines = Reader(world.ines)
    assert "Version 2 is in force" in ines.follow(BASE + "new/", {"text": "# Another\r\n\r\nNew."})
    latest = Agreement.objects.latest("version")
    assert latest.text == "# Another\n\nNew."
    assert "no new version" in ines.follow(BASE + "new/", {"text": latest.text + "\n"})
    assert Agreement.objects.filter(workspace=world.workspace).count() == 2
    assert "You accepted it" not in Reader(world.ana).get(BASE)


def test_an_empty_text_is_refused_at_its_field(world: World) -> None:
    seen = Reader(world.ines).post(BASE + "new/", {"text": "  "})
    assert seen.status == 422
    assert 'id="id_text_error"' in seen.source


def test_only_owners_publish_and_only_managers_see_who_accepted(world: World) -> None:
    assert Reader(world.mara).get(BASE + "new/").status == 403
    assert Reader(world.mara).post(BASE + "new/", {"text": "x"}).status == 403
    assert "Accepted by" in Reader(world.mara).get(BASE)
    assert "Accepted by" not in Reader(world.ana).get(BASE)


def test_what_an_agreement_holds_is_never_run(world: World) -> None:
    Reader(world.ines).post(BASE + "new/", {"text": "<script>alert(1)</script> [a](javascript:b)"})
    source = Reader(world.ana).get(BASE).source
    assert "<script>alert" not in source
    assert "javascript:" not in source.replace("(javascript:b)", "")
