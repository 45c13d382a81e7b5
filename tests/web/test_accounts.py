"""Signing in and what belongs to it, in our look and in words that are true here."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core import mail

from tests.web.pages import Reader
from tests.world import PASSWORD, World

LOGIN = "/account/login/"
OPEN = [LOGIN, "/account/signup/", "/account/password/reset/", "/account/inactive/"]
OWN = ["/account/logout/", "/account/password/change/", "/account/email/", "/account/2fa/"]


def code(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


@pytest.mark.parametrize("path", OPEN)
def test_pages_for_everybody_wear_our_frame(db: None, path: str) -> None:
    seen = Reader().get(path)
    assert seen.status == 200
    assert 'class="room-bar"' in seen.source
    assert "css/rooms.css" in seen.source


@pytest.mark.parametrize("path", [*OWN, "/account/password/set/"])
def test_pages_of_an_account_wear_our_frame(world: World, path: str) -> None:
    reader = Reader(world.ana)
    seen = reader.get(path)
    seen = reader.get(seen.to) if seen.to else seen
    assert seen.status == 200
    assert 'class="room-bar"' in seen.source


def test_one_signs_in_and_lands_where_one_was_going(world: World) -> None:
    visitor = Reader()
    seen = visitor.post(
        LOGIN, {"login": "ANA@example.org", "password": PASSWORD, "next": "/reviews/"}
    )
    assert seen.to == "/reviews/"
    assert visitor.get("/reviews/").status == 200
    assert visitor.post("/account/logout/").to == LOGIN
    assert visitor.get("/reviews/").status == 302


def test_a_wrong_password_is_refused_without_telling_who_exists(world: World) -> None:
    told = set()
    for who in ("ana@example.org", "nobody@example.org"):
        seen = Reader().post(LOGIN, {"login": who, "password": "wrong wrong wrong"})
        assert "alert" in seen.source
        told.add(seen.words.split("Sign in", 2)[2].replace(who, ""))
    assert len(told) == 1


def test_nobody_signs_up_by_themselves(db: None) -> None:
    assert "Accounts are made by invitation" in Reader().get("/account/signup/")
    fields = {"email": "x@example.org", "password1": PASSWORD, "password2": PASSWORD}
    assert "Accounts are made by invitation" in Reader().post("/account/signup/", fields)


def test_without_mail_a_forgotten_password_is_an_owners_matter(world: World) -> None:
    seen = Reader().get("/account/password/reset/")
    assert "This installation sends no mail. Ask an owner of your workspace for a new link" in seen
    assert "<form" not in seen.source.split("<main")[1]
    done = Reader().follow("/account/password/reset/", {"email": "ana@example.org"})
    assert "No mail was sent" in done


def test_with_mail_a_link_comes(world: World, settings: Any) -> None:
    settings.EMAIL_CONFIGURED = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert "Send me a link" in Reader().get("/account/password/reset/")
    done = Reader().follow("/account/password/reset/", {"email": "ana@example.org"})
    assert "Look into your mail" in done
    assert "/account/password/reset/key/" in mail.outbox[0].body


def test_a_password_is_changed_by_who_knows_it(world: World) -> None:
    ana, fresh = Reader(world.ana), "another horse entirely, and a goat"
    path = "/account/password/change/"
    wrong = {"oldpassword": "no", "password1": fresh, "password2": fresh}
    assert 'id="id_oldpassword_error"' in ana.post(path, wrong).source
    assert ana.post(path, {**wrong, "oldpassword": PASSWORD}).status == 302
    world.ana.refresh_from_db()
    assert world.ana.check_password(fresh)


def test_a_second_factor_is_set_up_and_then_asked_for(world: World) -> None:
    visitor = Reader()
    visitor.post(LOGIN, {"login": "ana@example.org", "password": PASSWORD})
    activate = "/account/2fa/totp/activate/"
    asked = visitor.get(activate).to
    assert "Is it you?" in visitor.get(asked)
    wrong = visitor.post(asked, {"password": "no", "next": activate})
    assert 'id="id_password_error"' in wrong.source
    assert visitor.post(asked, {"password": PASSWORD, "next": activate}).to == activate
    page = visitor.get(activate)
    assert 'alt="The secret as a picture to scan"' in page.source
    assert 'id="id_code_error"' in visitor.post(activate, {"code": "1"}).source
    assert visitor.post(activate, {"code": code(page.secret)}).status == 302
    assert "Second factor in use" in visitor.get("/settings/")
    assert "10 of 10 are left" in visitor.get("/account/2fa/recovery-codes/")
    again = Reader()
    assert again.post(LOGIN, {"login": "ana@example.org", "password": PASSWORD}).to.startswith(
        "/account/2fa/authenticate/"
    )
    assert "Your second factor" in again.get("/account/2fa/authenticate/")
    assert again.get("/reviews/").status == 302


def test_an_address_cannot_be_changed_where_no_mail_goes_out(world: World) -> None:
    seen = Reader(world.ana).get("/account/email/")
    assert "You sign in with ana@example.org. This installation sends no mail" in seen
