"""Static files as they are served: collected, hashed, and the desk's style sheets in one."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import storage
from django.core.management import call_command
from django.test import override_settings

from config.static import ManifestStorage
from feedback.web.desk_parts import OWN_STYLES, WHOLE_STYLE, every_style
from tests.world import World, make_item

from .test_desk import body_of, claimed, signed_in


@pytest.fixture
def collected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ManifestStorage:
    storages = {**settings.STORAGES, "staticfiles": {"BACKEND": "config.static.ManifestStorage"}}
    with override_settings(STATIC_ROOT=tmp_path, STORAGES=storages):
        call_command("collectstatic", "--no-input", verbosity=0)
        made = ManifestStorage()
        monkeypatch.setattr(storage.staticfiles_storage, "_wrapped", made)
        yield made


def test_the_desks_sheets_are_joined_in_order_and_the_page_names_the_one(
    collected: ManifestStorage, world: World
) -> None:
    whole = Path(collected.path(collected.stored_name(WHOLE_STYLE))).read_text("utf-8")
    places = [
        whole.index((Path("static") / name).read_text("utf-8")[:60]) for name in every_style()
    ]
    assert places == sorted(places)
    assert every_style()[: len(OWN_STYLES)] == OWN_STYLES
    assert "css/patches.css" in every_style()
    make_item(world.project)
    client = signed_in(world.ana)
    page = body_of(client.get(claimed(client, world.project)))
    assert page.count('rel="stylesheet"') == 1
    assert collected.url(WHOLE_STYLE) in page


def test_a_module_that_another_one_loads_has_its_hash_as_well(collected: ManifestStorage) -> None:
    code = Path(collected.path(collected.stored_name("js/desk/code.js"))).read_text("utf-8")
    lines = collected.stored_name("js/desk/lines.js").rpartition("/")[2]
    assert f'import("./{lines}")' in code
