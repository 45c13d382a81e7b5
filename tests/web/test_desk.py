"""The desk's doors without a script: claim, read, save, send, change, skip, flag, hold; and who is let in."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from feedback.actions import agreements
from feedback.actions.leases import sweep_leases
from feedback.models import Assignment, Draft, Flag, Item, Project, Review, User
from tests.world import WHY, World, make_item, make_project

JSON = {"Accept": "application/json"}
ANSWERS = {
    "preference": "2",
    "accuracy.A": "4",
    "accuracy.B": "2",
    "answers.A": "4",
    "answers.B": "3",
    "faults.B": "wrong_claim",
    "why": WHY,
    "cannot_judge": "",
    "cannot_judge_note": "",
}


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


@pytest.fixture
def ana(world: World) -> Client:
    return signed_in(world.ana)


def desk_of(project: Project) -> str:
    return f"/w/{project.workspace.slug}/p/{project.slug}/desk/"


def claimed(client: Client, project: Project) -> str:
    """The address of the item that is given to somebody."""
    response = client.get(desk_of(project))
    assert response.status_code == 302
    return str(response.headers["Location"])


def body_of(response: Any) -> str:
    return response.content.decode()


def test_the_next_item_is_claimed_and_shown(world: World, ana: Client) -> None:
    make_item(world.project, "Why is the sky blue?", ("Rayleigh scatters.", "It is painted."))
    address = claimed(ana, world.project)
    page = body_of(ana.get(address))
    assert "Why is the sky blue?" in page
    assert "Rayleigh scatters." in page
    assert "It is painted." in page
    assert "1 of 1 today" in page
    assert claimed(ana, world.project) == address
    assert Assignment.objects.get().shown_at is not None


def test_a_review_is_sent_by_a_plain_form_and_the_next_item_follows(
    world: World, ana: Client
) -> None:
    first, second = (make_item(world.project, f"Question {n}?", rank=n) for n in range(2))
    response = ana.post(claimed(ana, world.project), ANSWERS | {"_active_ms": "1"}, follow=True)
    page = body_of(response)
    assert "Sent: A better." in page
    assert "Question 1?" in page
    review = Review.objects.get(item=first)
    assert review.active_ms == 1
    assert review.body.body["answers"]["why"] == WHY
    assert not Review.objects.filter(item=second).exists()


def test_a_form_that_is_sent_twice_is_one_review(world: World, ana: Client) -> None:
    make_item(world.project)
    address = claimed(ana, world.project)
    for _ in range(2):
        assert ana.post(address, ANSWERS).status_code == 302
    assert Review.objects.count() == 1


def test_what_was_typed_is_shown_again_with_what_is_missing(world: World, ana: Client) -> None:
    make_item(world.project)
    address = claimed(ana, world.project)
    partly = ANSWERS | {"accuracy.B": "", "why": "Too short."}
    response = ana.post(address, partly)
    page = body_of(response)
    assert response.status_code == 422
    assert "Rate response B as well." in page
    assert "At least 80 characters; these are 10." in page
    assert "Too short.</textarea>" in page
    assert 'name="accuracy.A" value="4" checked' in page
    assert not Review.objects.exists()


def test_another_answer_for_a_sent_item_is_refused_and_leads_to_what_was_sent(
    world: World, ana: Client
) -> None:
    make_item(world.project)
    address = claimed(ana, world.project)
    ana.post(address, ANSWERS)
    response = ana.post(address, ANSWERS | {"preference": "6"})
    assert response.status_code == 409
    change = f"{desk_of(world.project)}sent/{Review.objects.get().public_id}/"
    assert change in body_of(response)
    assert "You have already sent a different answer" in body_of(response)
    assert ana.get(address).headers["Location"] == change


def test_who_has_not_accepted_the_agreement_reads_it_first(world: World, ana: Client) -> None:
    make_item(world.project)
    address = claimed(ana, world.project)
    agreements.publish_agreement(
        workspace=world.workspace, text="New terms.", by=world.ines, now=timezone.now()
    )
    response = ana.get(desk_of(world.project))
    assert response.headers["Location"].startswith(f"/w/{world.workspace.slug}/agreement/?next=")
    refused = ana.post(address, ANSWERS)
    assert refused.status_code == 403
    assert WHY in body_of(refused)
    assert f"/w/{world.workspace.slug}/agreement/" in body_of(refused)


def test_when_nothing_is_left_the_page_says_so(world: World, ana: Client) -> None:
    make_item(world.project)
    ana.post(claimed(ana, world.project), ANSWERS)
    page = body_of(ana.get(desk_of(world.project)))
    assert "Your queue is done" in page
    assert "You sent 1 review today." in page


def test_a_draft_is_saved_with_revisions_and_comes_back(world: World, ana: Client) -> None:
    make_item(world.project)
    address = claimed(ana, world.project)
    first = ana.post(f"{address}draft/", {"why": "It scat", "_based_on": "0"}, headers=JSON).json()
    assert first["revision"] == 1
    assert first["seconds"] == 30 * 60
    second = ana.post(f"{address}draft/", {"why": "It scatters", "_based_on": "1"}, headers=JSON)
    assert second.json()["revision"] == 2
    page = body_of(ana.get(address))
    assert "It scatters</textarea>" in page
    assert 'data-revision="2"' in page


def test_a_draft_that_another_tab_has_overtaken_is_refused_and_nothing_is_overwritten(
    world: World, ana: Client
) -> None:
    make_item(world.project)
    address = claimed(ana, world.project)
    ana.post(f"{address}draft/", {"why": "First", "_based_on": "0"}, headers=JSON)
    late = ana.post(f"{address}draft/", {"why": "Second", "_based_on": "0"}, headers=JSON)
    assert late.status_code == 409
    assert late.json()["code"] == "draft_moved"
    assert Draft.objects.get().body["answers"]["why"] == "First"


def test_a_late_draft_does_not_come_back_after_the_review_was_sent(
    world: World, ana: Client
) -> None:
    make_item(world.project)
    address = claimed(ana, world.project)
    ana.post(address, ANSWERS)
    late = ana.post(f"{address}draft/", {"why": "Late", "_based_on": "0"}, headers=JSON)
    assert (late.status_code, late.json()["code"]) == (409, "not_held")
    assert not Draft.objects.exists()


def test_the_item_behind_is_held_ahead_and_counted_as_the_next(world: World, ana: Client) -> None:
    for n in range(2):
        make_item(world.project, f"Question {n}?", rank=n)
    claimed(ana, world.project)
    response = ana.post(f"{desk_of(world.project)}ahead/", headers=JSON)
    page = body_of(response)
    assert "Question 1?" in page
    assert "2 of 2 today" in page
    assert "<html" not in page
    behind = Assignment.objects.get(ahead=True)
    assert behind.shown_at is None
    ana.post(f"{desk_of(world.project)}{behind.public_id}/hold/", headers=JSON)
    behind.refresh_from_db()
    assert behind.ahead is False
    assert behind.shown_at is not None


def test_nothing_behind_is_no_content(world: World, ana: Client) -> None:
    make_item(world.project)
    claimed(ana, world.project)
    response = ana.post(f"{desk_of(world.project)}ahead/", headers=JSON)
    assert (response.status_code, response.content) == (204, b"")


def test_a_sent_review_is_changed_within_the_time_and_read_after_it(
    world: World, ana: Client
) -> None:
    make_item(world.project)
    ana.post(claimed(ana, world.project), ANSWERS)
    address = f"{desk_of(world.project)}sent/{Review.objects.get().public_id}/"
    page = body_of(ana.get(address))
    assert 'name="preference" value="2" checked' in page
    assert "Send<" in page
    ana.post(f"{address}draft/", {"why": "A change begun", "_based_on": "0"}, headers=JSON)
    assert "A change begun</textarea>" in body_of(ana.get(address))
    assert "Changed: B better." in body_of(
        ana.post(address, ANSWERS | {"preference": "6"}, follow=True)
    )
    assert list(Review.objects.order_by("revision").values_list("revision", flat=True)) == [1, 2]
    Project.objects.update(edit_hours=0)
    page = body_of(ana.get(address))
    assert "The time for changes has passed" in page
    assert "Submit and next" not in page
    assert 'value="2" disabled' in page
    late = ana.post(address, ANSWERS | {"preference": "5"})
    assert late.status_code == 409
    assert "has passed" in body_of(late)


def test_skipping_asks_why_and_gives_the_item_to_somebody_else(world: World, ana: Client) -> None:
    make_item(world.project)
    address = claimed(ana, world.project)
    assert "It is not my field" in body_of(ana.get(f"{address}skip/"))
    assert ana.post(f"{address}skip/", {"reason": ""}).status_code == 422
    assert ana.post(f"{address}skip/", {"reason": "outside_expertise"}).status_code == 302
    assert Assignment.objects.get().reason == "outside_expertise"
    assert ana.get(address).status_code == 409
    claimed(signed_in(world.ben), world.project)


def test_flagging_tells_the_manager_and_one_goes_on(world: World, ana: Client) -> None:
    make_item(world.project)
    address = claimed(ana, world.project)
    assert "It holds personal data" in body_of(ana.get(f"{address}flag/"))
    page = ana.post(f"{address}flag/", {"reason": "personal_data", "note": "A phone number."})
    assert page.headers["Location"] == address
    said = ana.post(f"{address}flag/", {"reason": "broken"}, headers=JSON).json()
    assert said["said"].startswith("Flagged.")
    assert {flag.reason for flag in Flag.objects.all()} == {"personal_data", "broken"}


def test_a_hold_that_ran_out_is_told_claimed_again_or_sent_late(world: World, ana: Client) -> None:
    item = make_item(world.project)
    address = claimed(ana, world.project)
    Assignment.objects.update(leased_until=timezone.now() - dt.timedelta(minutes=1))
    # Before the sweep has come by as well as after it.
    for _ in range(2):
        page = body_of(ana.get(address))
        assert "Your hold on this item ended at" in page
        held = ana.post(f"{address}hold/", headers=JSON).json()
        assert held == {"leased_until": None, "seconds": 0}
        sweep_leases(now=timezone.now())
    assert ana.post(f"{address}hold/", {"_again": "1"}, headers=JSON).json()["seconds"] == 1800
    assert "Your hold on this item ended at" not in body_of(ana.get(address))
    item.refresh_from_db()
    assert (item.leased, item.given) == (1, 0)


def test_a_hold_that_ran_out_a_moment_ago_is_claimed_again_before_any_sweep(
    world: World, ana: Client
) -> None:
    item = make_item(world.project)
    address = claimed(ana, world.project)
    Assignment.objects.update(leased_until=timezone.now() - dt.timedelta(seconds=1))
    assert ana.post(f"{address}hold/", {"_again": "1"}, headers=JSON).json()["seconds"] == 1800
    item.refresh_from_db()
    assert item.leased == 1


def test_a_late_review_is_kept_as_one_more(world: World, ana: Client) -> None:
    item = make_item(world.project)
    address = claimed(ana, world.project)
    Assignment.objects.update(leased_until=timezone.now() - dt.timedelta(minutes=1))
    sweep_leases(now=timezone.now())
    signed_in(world.ben).post(claimed(signed_in(world.ben), world.project), ANSWERS)
    again = ana.post(f"{address}hold/", {"_again": "1"}, headers=JSON)
    assert (again.status_code, again.json()["code"]) == (409, "taken_meanwhile")
    page = body_of(ana.post(address, ANSWERS, follow=True))
    assert "Enough reviews had come in before" in page
    assert Review.objects.get(rater__user=world.ana).surplus
    assert Item.objects.get(pk=item.pk).given == 1


@pytest.mark.parametrize("end", ["", "draft/", "hold/", "skip/", "flag/"])
def test_nobody_elses_assignment_opens(world: World, ana: Client, end: str) -> None:
    make_item(world.project, wanted=2)
    address = claimed(ana, world.project)
    for stranger in (world.ben, world.mara, world.ines, world.eve):
        client = signed_in(stranger)
        response = client.post(f"{address}{end}", ANSWERS | {"reason": "other"}, headers=JSON)
        assert response.status_code == 404
    assert not Review.objects.exists()
    assert Assignment.objects.filter(rater__user=world.ana, state="open").exists()


def test_nobody_elses_review_opens(world: World, ana: Client) -> None:
    make_item(world.project)
    ana.post(claimed(ana, world.project), ANSWERS)
    address = f"{desk_of(world.project)}sent/{Review.objects.get().public_id}/"
    for stranger in (world.ben, world.mara, world.eve):
        for end in ("", "draft/"):
            assert signed_in(stranger).post(f"{address}{end}", ANSWERS).status_code == 404


def test_whoever_is_signed_out_signs_in_and_comes_back(world: World) -> None:
    path = desk_of(world.project)
    assert Client().get(path).headers["Location"].endswith(f"?next={path.replace('/', '%2F')}")
    said = Client().post(f"{path}ahead/", headers=JSON)
    assert (said.status_code, said.json()["code"]) == (401, "not_signed_in")


def test_a_manager_who_does_not_review_here_hears_why(world: World) -> None:
    response = signed_in(world.mara).get(desk_of(world.project))
    assert response.status_code == 403
    assert "Add yourself under People" in body_of(response)


def test_the_desk_is_never_kept_in_a_cache(world: World, ana: Client) -> None:
    make_item(world.project)
    assert "no-store" in ana.get(claimed(ana, world.project)).headers["Cache-Control"]


def test_a_form_without_responses_shows_the_prompt_and_asks(world: World, ana: Client) -> None:
    project = other_desk(world, {"min": 0, "max": 0})
    make_item(project, "Write a haiku about rain.", ())
    page = body_of(ana.get(claimed(ana, project)))
    assert "Write a response" in page
    assert "Write a haiku about rain." in page
    assert ana.post(claimed(ana, project), {"why": WHY}).status_code == 302
    assert Review.objects.get().body.body["answers"] == {"why": WHY}


def test_one_response_stands_alone(world: World, ana: Client) -> None:
    project = other_desk(world, {"min": 1, "max": 1})
    make_item(project, "Summarise.", ("A summary.",))
    page = body_of(ana.get(claimed(ana, project)))
    assert "Review a response" in page
    assert "A summary." in page
    assert "Scroll together" not in page


def test_opening_the_desk_asks_the_database_a_bounded_number_of_questions(
    world: World, ana: Client, django_assert_max_num_queries: Any
) -> None:
    for n in range(3):
        make_item(world.project, f"Question {n}?", rank=n)
    ana.post(claimed(ana, world.project), ANSWERS)
    address = claimed(ana, world.project)
    with django_assert_max_num_queries(14):
        ana.get(address)


def other_desk(world: World, responses: dict[str, int]) -> Project:
    """A project whose form asks for one text."""
    from feedback.actions import projects
    from feedback.models import Membership

    project = make_project(world.ines, world.workspace, world.now, name="Other")
    place = world.place(world.ines, project)
    question = {"type": "text", "id": "why", "title": "Why"}
    schema = {
        "desk": "compare",
        "responses": responses,
        "usual_minutes": 4,
        "questions": [question],
    }
    projects.publish_form(place=place, schema=schema, now=world.now)
    membership = Membership.objects.get(user=world.ana, workspace=world.workspace)
    projects.add_reviewer(place=place, membership=membership, now=world.now)
    return project


def test_every_key_that_the_desk_shows_is_in_the_guide(world: World, ana: Client) -> None:
    make_item(world.project)
    page = body_of(ana.get(claimed(ana, world.project)))
    dialog = page[page.index('<dl class="keys">') : page.index("</dl>")]
    guide = Path("docs/reviewing.md").read_text(encoding="utf-8")
    keys = set(re.findall(r"<kbd>(.*?)</kbd>", dialog))
    assert {"1", "7", "0", "j", "k", "[", "]", "d", "g", "s", "f", "?", "Ctrl ↵"} <= keys
    assert [key for key in keys if f"`{key}`" not in guide] == []
