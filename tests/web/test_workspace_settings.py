"""What an owner sets for a whole workspace, and what it does to everybody in it."""

from __future__ import annotations

import pghistory.models
import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.apps import apps

from feedback.models import Scope, User, Workspace
from tests.api.calls import by_key, by_session
from tests.web.pages import Reader
from tests.world import World, make_item

W, P = "/w/northgate/", "/w/northgate/p/chat/"
SETTINGS = W + "settings/"
AS_IT_IS = {"device_outbox_allowed": "on", "effort_days": "180"}
SET_UP = "/account/2fa/totp/activate/"


def take_factor(user: User) -> None:
    """An app with codes, in use."""
    TOTP.activate(user, generate_totp_secret())


@pytest.fixture
def demanding(world: World) -> World:
    return demand(world)


def demand(world: World) -> World:
    """A workspace that asks for a second factor, as its owner has set it."""
    take_factor(world.ines)
    assert Reader(world.ines).post(SETTINGS, {**AS_IT_IS, "mfa_required": "on"}).to == SETTINGS
    assert Workspace.objects.get(slug="northgate").mfa_required
    return world


def test_only_an_owner_sees_and_changes_them(world: World) -> None:
    assert "Settings" in Reader(world.ines).get(W)
    for user in (world.mara, world.ana):
        assert SETTINGS not in Reader(user).get(W).source
        assert Reader(user).get(SETTINGS).status == 403
        assert Reader(user).post(SETTINGS, {"effort_days": "1"}).status == 403
    assert Workspace.objects.get(slug="northgate").effort_days == 180


def test_a_workspace_that_forbids_it_keeps_no_words_on_a_device(world: World) -> None:
    make_item(world.project)
    ana = Reader(world.ana)
    desk = ana.get(P + "desk/").to
    assert 'data-outbox="touchstone-' in ana.get(desk).source
    assert "what you write is kept here" in ana.get("/")
    seen = Reader(world.ines).follow(SETTINGS, {"effort_days": "180"})
    assert "Saved." in seen
    assert 'data-outbox=""' in ana.get(desk).source
    assert "Your workspace keeps no words on devices" in ana.get("/")


def test_a_change_is_kept_with_who_made_it(world: World) -> None:
    Reader(world.ines).post(SETTINGS, {**AS_IT_IS, "effort_days": "30"})
    events = apps.get_model("feedback", "WorkspaceEvent").objects.filter(pgh_obj=world.workspace)
    event = events.latest("pgh_id")
    assert event.effort_days == 30
    assert event.pgh_context.metadata == {"user": world.ines.pk}
    Reader(world.ines).post(SETTINGS, {**AS_IT_IS, "effort_days": "30"})
    assert pghistory.models.Context.objects.count() == 1  # what changes nothing leaves nothing


def test_days_beyond_reason_are_refused_at_their_field(world: World) -> None:
    for days in ("0", "3651", "soon"):
        seen = Reader(world.ines).post(SETTINGS, {**AS_IT_IS, "effort_days": days})
        assert seen.status == 422
        assert 'id="id_effort_days_error"' in seen.source


def test_an_owner_without_a_second_factor_cannot_ask_others_for_one(world: World) -> None:
    seen = Reader(world.ines).post(SETTINGS, {**AS_IT_IS, "mfa_required": "on"})
    assert seen.status == 422
    assert "Set up your own second factor first" in seen
    assert not Workspace.objects.get(slug="northgate").mfa_required


def test_who_has_none_is_led_to_set_one_up_before_anything_else(demanding: World) -> None:
    item = make_item(demanding.project, "A prompt that nobody may read yet")
    ana, mara = Reader(demanding.ana), Reader(demanding.mara)
    for path in ("/", "/reviews/", "/questions/", W, P + "desk/", P + "guideline/", W + "keys/"):
        assert ana.get(path).to == SET_UP, path
    for path in ("/", P, P + "items/", f"{P}items/{item.public_id}/", P + "runs/", W + "datasets/"):
        assert mara.get(path).to == SET_UP, path
    assert mara.post(P + "settings/", {"name": "Other"}).to == SET_UP
    part = mara.get(P + "agreement/", HX_Request="true")
    assert (part.headers["HX-Redirect"], part.source) == (SET_UP, "")
    # What a person needs to get there, or to leave, is open.
    for path in ("/settings/", "/account/2fa/", "/account/password/change/", "/account/logout/"):
        assert ana.get(path).status == 200, path


def test_with_a_second_factor_everything_is_there_and_without_it_gone_again(
    demanding: World,
) -> None:
    ana = Reader(demanding.ana)
    assert ana.get("/").to == SET_UP
    take_factor(demanding.ana)
    assert ana.get("/").status == 200
    assert ana.get(P + "guideline/").status == 200
    assert "2 of 4 members have one now" in Reader(demanding.ines).get(SETTINGS)
    Authenticator.objects.filter(user=demanding.ana, type=Authenticator.Type.TOTP).delete()
    Authenticator.objects.create(
        user=demanding.ana, type=Authenticator.Type.RECOVERY_CODES, data={}
    )
    assert ana.get("/").to == SET_UP  # recovery codes alone are no second factor


def test_the_page_that_one_is_led_to_says_why(demanding: World) -> None:
    ana = Reader(demanding.ana)
    ana.post(
        "/account/login/", {"login": "ana@example.org", "password": "correct horse battery staple"}
    )
    assert ana.get("/").to == SET_UP
    seen = ana.get(SET_UP)
    seen = ana.get(seen.to) if seen.to else seen
    assert "This workspace asks for a second factor" in seen


def test_the_api_says_so_to_a_browser_and_keys_go_on(world: World) -> None:
    key, browser = by_key(world, world.mara, Scope.ITEMS_READ), by_session(world.mara)
    demand(world)
    items = "/projects/northgate/chat/items"
    for path in (items, "/workspaces/northgate", "/questions", "/reviews"):
        answer = browser.get(path)
        assert (answer.status_code, answer.json()["code"]) == (403, "second_factor_needed"), path
    assert key.get(items).status_code == 200
    take_factor(world.mara)
    assert browser.get(items).status_code == 200


def test_another_workspace_asks_nobody(demanding: World) -> None:
    eve = Reader(demanding.eve)
    assert eve.get("/").status == 200
    assert eve.get("/w/elsewhere/").status == 200
    assert eve.get(W).status == 404


def test_the_api_reads_and_changes_them_for_owners_alone(world: World) -> None:
    at = "/workspaces/northgate/settings"
    owner = by_key(world, world.ines, Scope.PROJECT_ADMIN)
    assert owner.get(at).json() == {
        "mfa_required": False,
        "device_outbox_allowed": True,
        "effort_days": 180,
    }
    assert owner.patch(at, {"device_outbox_allowed": False}).json()["effort_days"] == 180
    assert not Workspace.objects.get(slug="northgate").device_outbox_allowed
    refused = owner.patch(at, {"mfa_required": True})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    assert owner.patch(at, {"slug": "other"}).status_code == 422
    manager = by_key(world, world.mara, Scope.PROJECT_ADMIN)
    assert manager.get(at).status_code == manager.patch(at, {}).status_code == 403
