from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
PAGE = CHECKOUT / "docs" / "settings.md"
READERS = {"str", "int", "bool", "list", "db", "url", "float"}
# Not settings: how Django is told where its settings are, and what only the tests of this repository read.
NOT_OURS = {"DJANGO_SETTINGS_MODULE"}


def read_in(path: Path) -> Iterator[str]:
    """Every name that a module reads from the environment."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            owner, name = ast.unparse(node.func.value), node.func.attr
            asked = node.args[0]
            reads = (owner == "env" and name in READERS) or (
                owner in {"os.environ", "environ"} and name in {"get", "setdefault"}
            )
            if reads and isinstance(asked, ast.Constant):
                yield str(asked.value)
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
            yield ast.literal_eval(node.slice)


def read_anywhere() -> set[str]:
    found = {
        name
        for app in ("config", "feedback", "curation", "exports")
        for path in (CHECKOUT / app).rglob("*.py")
        for name in read_in(path)
    }
    return found - NOT_OURS


def documented() -> dict[str, bool]:
    """Name → whether the page says that it can lie in a file."""
    rows = re.findall(r"^\| `([A-Z_]+)`( \*or file\*)? \|", PAGE.read_text(), re.MULTILINE)
    return {name: bool(file) for name, file in rows}


def test_every_setting_is_documented_and_nothing_else() -> None:
    assert set(documented()) == read_anywhere()


def test_the_page_says_which_settings_may_lie_in_a_file() -> None:
    from_env = set(read_in(CHECKOUT / "config" / "settings.py"))
    assert {name for name, file in documented().items() if file} == from_env


def environment(**more: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "DJANGO_SETTINGS_MODULE": "config.settings", **more}


def settings_with(tmp_path: Path, show: str, **more: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", f"from django.conf import settings; print({show})"],
        env=environment(TOUCHSTONE_STATE=str(tmp_path), **more),
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def test_a_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("from-a-file")
    assert "from-a-file" in settings_with(
        tmp_path, "settings.SECRET_KEY", SECRET_KEY_FILE=str(file)
    )


def test_without_a_key_one_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    first, second = (settings_with(tmp_path, "settings.SECRET_KEY") for _ in range(2))
    assert first == second
    assert len(first.strip()) > 60
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("address", ["touchstone.example", "ftp://x", "https://"])
def test_an_address_that_is_none_is_refused_in_a_sentence(tmp_path: Path, address: str) -> None:
    told = settings_with(tmp_path, "settings.PUBLIC_URL", PUBLIC_URL=address)
    assert "it must be the address people type" in told


def manage(tmp_path: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "ignore", "manage.py", *arguments],
        env=environment(TOUCHSTONE_STATE=str(tmp_path), **more),
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_deployment_has_nothing_that_django_would_warn_of(tmp_path: Path) -> None:
    done = manage(
        tmp_path,
        *("check", "--deploy", "--fail-level", "WARNING"),
        PUBLIC_URL="https://touchstone.example",
        DATABASE_URL="postgres://nobody@127.0.0.1:1/none",
        CELERY_BROKER_URL="redis://127.0.0.1:1/0",
    )
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_a_deployment_whose_processes_count_alone_is_warned(tmp_path: Path) -> None:
    done = manage(
        tmp_path,
        *("check", "--deploy", "--fail-level", "WARNING"),
        PUBLIC_URL="https://touchstone.example",
        DATABASE_URL="postgres://nobody@127.0.0.1:1/none",
        CELERY_BROKER_URL="amqp://127.0.0.1:1//",
    )
    assert done.returncode == 1
    assert "touchstone.W001" in done.stderr


def test_every_change_of_a_table_has_its_migration(tmp_path: Path) -> None:
    done = manage(
        tmp_path,
        *("makemigrations", "--check", "--dry-run", "--skip-checks"),
        DATABASE_URL="postgres://nobody@127.0.0.1:1/none",
    )
    assert done.returncode == 0, done.stdout
