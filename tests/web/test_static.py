"""Static files as they are served: collected, hashed, the desk's style sheets in one and its modules in one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import storage
from django.core.management import call_command
from django.test import override_settings

from config.modules import NotJoined, joined
from config.static import ManifestStorage
from feedback.web.desk_parts import OWN_STYLES, WHOLE_SCRIPT, WHOLE_STYLE, every_script, every_style
from tests.world import World, make_item

from .test_desk import body_of, claimed, signed_in

ROOT = Path(__file__).parents[2]


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


def test_the_desks_modules_are_joined_and_the_page_names_the_one(
    collected: ManifestStorage, world: World
) -> None:
    whole = Path(collected.path(collected.stored_name(WHOLE_SCRIPT))).read_text("utf-8")
    places = [whole.index(f"const ${Path(name).stem} = {{}};") for name in every_script()]
    assert places == sorted(places)
    assert "js/desk/lines.js" not in every_script()
    assert whole.index("const $lines = {};") < whole.index("Promise.resolve($lines)")
    make_item(world.project)
    client = signed_in(world.ana)
    page = body_of(client.get(claimed(client, world.project)))
    assert page.count('type="module"') == 2  # the page's own is the other one
    assert collected.url(WHOLE_SCRIPT) in page


def test_a_module_runs_behind_what_it_imports_and_names_stay_its_own() -> None:
    sources = {
        "a": 'import { two, three } from "./b.js";\nconst own = 1;\nexport const sum = () => own + two + three();\n',
        "b": "const own = 2;\nexport const two = own;\nexport function three() { return own + 1; }\n",
        "c": 'const later = () => import("./a.js");\n',
    }
    assert joined(sources, ["c"]) == (
        "const $b = {};\n{\nconst own = 2;\nconst two = own;\nfunction three() { return own + 1; }\n\n"
        "Object.assign($b, { two, three });\n}\n"
        "const $a = {};\n{\nconst { two, three } = $b;\nconst own = 1;\nconst sum = () => own + two + three();\n\n"
        "Object.assign($a, { sum });\n}\n"
        "const $c = {};\n{\nconst later = () => Promise.resolve($a);\n\nObject.assign($c, {  });\n}"
    )


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ('import x from "./b.js";', "cannot join"),
        ("export default 1;", "cannot join"),
        ("export let count = 0;", "cannot join"),
        ("const here = import.meta.url;", "cannot join"),
        ("const later = import(name);", "cannot join"),
        ('import { x } from "./a.js";', "import from each other: a → a"),
    ],
)
def test_a_form_that_cannot_be_joined_is_refused_when_files_are_collected(
    source: str, says: str
) -> None:
    with pytest.raises(NotJoined, match=says):
        joined({"a": source}, ["a"])


def test_every_icon_that_a_page_names_is_drawn() -> None:
    """A name that the sprite lacks is an empty space beside the words."""
    drawn = set(re.findall(r'<symbol id="([a-z-]+)"', (ROOT / "static" / "icons.svg").read_text()))
    named = {
        name
        for path in (ROOT / "templates").rglob("*.html")
        for name in re.findall(r'(?:\bicon="|icon ")([a-z-]+)"', path.read_text())
    }
    assert len(named) > 10
    assert named - drawn == set()
