from __future__ import annotations

import uuid

import pytest

from feedback.forms.domains import DOMAINS
from feedback.forms.schema import dump_form
from feedback.models import Access, Item, Membership, Project, Rater, Role
from tests.api.calls import by_key, by_session, faults, refused
from tests.world import World, join, make_item, make_project


def test_a_project_is_made_listed_and_read(world: World, ws: str) -> None:
    manager = by_key(world, world.mara)
    made = manager.post(f"{ws}/projects", {"name": "Briefs of 2026", "domain": "legal_brief"})
    assert made.status_code == 201
    assert made.json()["slug"] == "briefs-of-2026"
    path = "/projects/northgate/briefs-of-2026"
    assert manager.get(path).json() == made.json()
    slugs = [row["slug"] for row in manager.get(f"{ws}/projects").json()["rows"]]
    assert slugs == ["briefs-of-2026", "chat"]
    assert [
        row["slug"] for row in by_key(world, world.ana).get(f"{ws}/projects").json()["rows"]
    ] == ["chat"]


def test_a_project_may_bring_its_own_form(world: World, ws: str) -> None:
    form = dump_form(DOMAINS["code_review"].form)
    body = {"name": "Own", "domain": "chat", "form": form}
    assert by_key(world, world.mara).post(f"{ws}/projects", body).status_code == 201
    assert Project.objects.get(slug="own").forms.get().schema["responses"] == form["responses"]
    broken = by_key(world, world.mara).post(
        f"{ws}/projects", {**body, "name": "Broken", "form": {"desk": 1}}
    )
    assert ("desk", "unknown_value") in faults(broken)
    assert not Project.objects.filter(slug="broken").exists()


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"domain": "chat"}, "name"),
        ({"name": "x", "domain": "poetry"}, "domain"),
        ({"name": "x", "domain": "chat", "overlap": 0}, "overlap"),
        ({"name": "x", "domain": "chat", "slug": "no slug"}, "slug"),
        ({"name": "x" * 201, "domain": "chat"}, "name"),
        ({"name": "x", "domain": "chat", "colour": "red"}, "colour"),
    ],
)
def test_a_project_that_does_not_fit_is_refused(
    world: World, ws: str, body: object, where: str
) -> None:
    assert [
        place for place, _ in faults(by_key(world, world.mara).post(f"{ws}/projects", body))
    ] == [where]


def test_a_taken_name_is_told_and_a_long_one_is_cut(world: World, ws: str) -> None:
    manager = by_key(world, world.mara)
    refused(manager.post(f"{ws}/projects", {"name": "Chat", "domain": "chat"}), 409, "slug_taken")
    long = manager.post(f"{ws}/projects", {"name": "word " * 39, "domain": "chat"}).json()["slug"]
    assert len(long) <= 60
    refused(
        by_key(world, world.ana).post(f"{ws}/projects", {"name": "x", "domain": "chat"}),
        403,
        "not_allowed",
    )


def test_settings_are_changed_and_a_new_overlap_reaches_the_items(world: World, at: str) -> None:
    item = make_item(world.project, wanted=3)
    changed = by_key(world, world.mara).patch(
        at, {"overlap": 7, "name": "Chats", "state": "paused"}
    )
    assert (changed.json()["overlap"], changed.json()["overlap_cap"]) == (7, 7)
    assert (changed.json()["name"], changed.json()["state"]) == ("Chats", "paused")
    assert Item.objects.get(pk=item.pk).wanted == 7
    refused(by_session(world.ana).post(f"{at}/next"), 409, "project_closed")


@pytest.mark.parametrize(
    "body",
    [{"overlap": 0}, {"overlap": "3x"}, {"state": "gone"}, {"slug": "x"}, {"edit_hours": -1}],
)
def test_settings_that_do_not_fit_are_refused(world: World, at: str, body: object) -> None:
    assert faults(by_key(world, world.mara).patch(at, body))
    refused(by_key(world, world.ana).patch(at, {"overlap": 2}), 403, "not_allowed")


def test_forms_are_versions_and_the_same_form_is_none(world: World, at: str) -> None:
    manager, reviewer = by_key(world, world.mara), by_key(world, world.ana)
    first = reviewer.get(f"{at}/forms").json()["rows"]
    assert [row["version"] for row in first] == [1]
    schema = dump_form(DOMAINS["chat"].form)
    assert manager.post(f"{at}/forms", {"schema": schema}).json()["version"] == 1
    changed = {**schema, "usual_minutes": 9}
    made = manager.post(f"{at}/forms", {"schema": changed})
    assert (made.status_code, made.json()["version"]) == (201, 2)
    rows = reviewer.get(f"{at}/forms").json()["rows"]
    assert [row["version"] for row in rows] == [2, 1]
    assert rows[0]["schema"]["usual_minutes"] == 9
    assert rows[0]["sha256"] != rows[1]["sha256"]


def test_a_broken_form_lists_every_fault_at_its_path(world: World, at: str) -> None:
    schema = {
        "desk": "compare",
        "responses": {"min": 2, "max": 99},
        "usual_minutes": 4,
        "questions": [{"type": "x"}],
    }
    found = faults(by_key(world, world.mara).post(f"{at}/forms", {"schema": schema}))
    assert {path for path, _ in found} == {"responses.max", "questions[0].type"}
    refused(by_key(world, world.ana).post(f"{at}/forms", {"schema": schema}), 403, "not_allowed")


def test_guidelines_are_versions(world: World, at: str) -> None:
    manager = by_key(world, world.mara)
    text = "  Read the whole brief first.\n"
    assert manager.post(f"{at}/guidelines", {"text": text}).json()["version"] == 2
    rows = by_key(world, world.ana).get(f"{at}/guidelines").json()["rows"]
    assert [(row["version"], row["text"] == text) for row in rows] == [(2, True), (1, False)]
    assert faults(manager.post(f"{at}/guidelines", {"text": "a\x00b"}))
    refused(by_key(world, world.ana).post(f"{at}/guidelines", {"text": "x"}), 403, "not_allowed")


def test_reviewers_are_named_paused_and_named_again(world: World, at: str) -> None:
    manager = by_key(world, world.mara)
    dora = type(world.ana).objects.create_user(email="dora@example.org", name="Dora")
    membership = join(world.workspace, dora, Role.REVIEWER, world.now)
    for _ in range(2):
        row = manager.post(f"{at}/reviewers", {"member": str(membership.public_id)})
        assert (row.status_code, row.json()["name"]) == (201, "Dora")
    rater = Rater.objects.get(user=dora)
    assert row.json()["rater"] == str(rater.public_id)
    path = f"{at}/reviewers/{membership.public_id}"
    assert manager.delete(path).status_code == 204
    listed = {
        row["name"]: row["paused_at"] for row in manager.get(f"{at}/reviewers").json()["rows"]
    }
    assert [name for name, paused in listed.items() if paused] == ["Dora"]
    again = manager.post(f"{at}/reviewers", {"member": str(membership.public_id)})
    assert again.json()["paused_at"] is None
    assert Access.objects.filter(what="reviewers", subject="chat").count() == 1


def test_nobody_from_another_workspace_is_named(world: World, at: str) -> None:
    manager = by_key(world, world.mara)
    foreign = Membership.objects.get(user=world.eve)
    refused(manager.post(f"{at}/reviewers", {"member": str(foreign.public_id)}), 404, "not_found")
    refused(manager.post(f"{at}/reviewers", {"member": str(uuid.uuid4())}), 404, "not_found")
    assert faults(manager.post(f"{at}/reviewers", {"member": "ana"})) == [("member", "invalid")]
    refused(manager.delete(f"{at}/reviewers/{foreign.public_id}"), 404, "not_found")
    refused(by_key(world, world.ana).get(f"{at}/reviewers"), 403, "not_allowed")


def test_a_project_of_another_workspace_is_not_there(world: World) -> None:
    make_project(world.eve, world.elsewhere, world.now, name="Theirs")
    for path in ("/projects/elsewhere/theirs", "/projects/northgate/theirs"):
        refused(by_key(world, world.mara).get(path), 404, "not_found")
