from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

from celery import current_app
from django.conf import settings

from feedback import jobs

CHECKOUT = Path(__file__).parents[2]
APPS = ("feedback", "curation", "exports")


def modules() -> Iterator[tuple[str, ast.Module]]:
    for app in APPS:
        for path in sorted((CHECKOUT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                name = ".".join(path.relative_to(CHECKOUT).with_suffix("").parts)
                yield name, ast.parse(path.read_text())


def announced() -> dict[str, str]:
    """Every name that is announced anywhere in the code → the module that does. A constant is looked up where it is used."""
    found = {}
    for module, tree in modules():
        for call in ast.walk(tree):
            for node in _names(call) if isinstance(call, ast.Call) else ():
                found[_value(module, node)] = module
    return found


def _names(call: ast.Call) -> Iterator[ast.expr]:
    """What a call announces: the first argument of announce(), the `name` of resume()."""
    called = (
        call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    )
    if called == "announce":
        yield call.args[0]
    if called == "resume":
        yield from (word.value for word in call.keywords if word.arg == "name")


def _value(module: str, node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    assert isinstance(node, ast.Name), f"{module}: the name is put together, so nobody can check it"
    return str(getattr(importlib.import_module(module), node.id, f"{module}.{node.id}?"))


def test_every_announced_name_has_a_worker_that_listens() -> None:
    current_app.loader.import_default_modules()
    names = announced()
    names.pop("feedback.jobs.name?", None)  # resume() itself, which is given its name
    assert len(names) >= 3
    assert set(names) == set(jobs.LISTENERS)
    assert set(names) <= set(current_app.tasks)


def test_listeners_live_in_the_tasks_of_the_app_that_listens() -> None:
    current_app.loader.import_default_modules()
    for name, place in jobs.LISTENERS.items():
        assert place.split(".")[1] == "tasks", f"{name} is heard by {place}"


def test_everything_that_beat_calls_exists() -> None:
    current_app.loader.import_default_modules()
    called = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert called <= set(current_app.tasks)


def test_no_lower_app_announces_in_the_name_of_a_higher_one() -> None:
    for name, module in announced().items():
        assert name.split(".")[0] == module.split(".")[0]
