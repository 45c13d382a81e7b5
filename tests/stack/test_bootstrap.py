"""requirements/bootstrap.py with real virtual environments and a package made here, so that no network is needed."""

from __future__ import annotations

import ast
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from .helpers import CHECKOUT

SOURCE = CHECKOUT / "requirements" / "bootstrap.py"
PRETEND = "import sys, runpy; sys.argv[1:] = ['runtime']; {trick}; runpy.run_path({path!r}, run_name='__main__')"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose requirements are one local package each."""
    folder = tmp_path / "checkout" / "requirements"
    folder.mkdir(parents=True)
    shutil.copy(SOURCE, folder)
    for name in ("runtime", "dev", "browser", "benchmarks"):
        pin(folder / f"{name}.txt", wheel(tmp_path, "1.0"))
    return folder.parent


def wheel(folder: Path, version: str) -> Path:
    path = folder / f"touchtest-{version}-py3-none-any.whl"
    info = f"touchtest-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("touchtest.py", f"version = {version!r}\n")
        archive.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: touchtest\nVersion: {version}\n"
        )
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    return path


def pin(requirements: Path, package: Path) -> None:
    digest = hashlib.sha256(package.read_bytes()).hexdigest()
    requirements.write_text(f"touchtest @ file://{package} --hash=sha256:{digest}\n")


def bootstrap(checkout: Path, wanted: str = "runtime") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "requirements/bootstrap.py", wanted]
    return subprocess.run(command, cwd=checkout, text=True, capture_output=True, check=False)


def installed(checkout: Path) -> str:
    command = [".venv/bin/python", "-c", "import touchtest; print(touchtest.version)"]
    return subprocess.run(
        command, cwd=checkout, text=True, capture_output=True, check=False
    ).stdout.strip()


def pretend(trick: str) -> subprocess.CompletedProcess[str]:
    """Run it as if this Python were another."""
    command = [sys.executable, "-c", PRETEND.format(trick=trick, path=str(SOURCE))]
    return subprocess.run(command, text=True, capture_output=True, check=False)


def test_an_old_python_can_read_it() -> None:
    tree = ast.parse(SOURCE.read_text(), feature_version=(3, 6))
    future = [
        node
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module == "__future__"
    ]
    assert not future  # 3.6 stops at the annotations of the future


def test_an_old_python_gets_one_sentence_and_status_2() -> None:
    result = pretend("sys.version_info = (3, 10, 2)")
    assert result.returncode == 2
    assert result.stderr == (
        f"touchstone: Touchstone needs Python 3.11 or newer; {sys.executable} is 3.10. Install a newer one, "
        "or name it: make run PYTHON=/path/to/python3.11 [old_python]\n"
    )


def test_a_python_without_venv_gets_the_line_to_type(checkout: Path) -> None:
    trick = "sys.modules['ensurepip'] = None"
    path = str(checkout / "requirements" / "bootstrap.py")
    command = [sys.executable, "-c", PRETEND.format(trick=trick, path=path)]
    result = subprocess.run(command, text=True, capture_output=True, check=False)
    assert result.returncode == 2
    assert "sudo apt install python3-venv" in result.stderr
    assert result.stderr.count("\n") == 1
    assert not (checkout / ".venv").exists()


def test_it_installs_once_says_what_it_does_and_follows_the_pins(
    checkout: Path, tmp_path: Path
) -> None:
    first = bootstrap(checkout)
    assert first.returncode == 0, first.stderr
    assert first.stdout.startswith("Making a virtual environment in .venv\nInstalling ")
    assert "360 MB to fetch" in first.stdout
    assert installed(checkout) == "1.0"

    assert bootstrap(checkout).stdout == ""

    pin(checkout / "requirements" / "runtime.txt", wheel(tmp_path, "2.0"))
    changed = bootstrap(checkout)
    assert changed.stdout.startswith("Installing ")  # the same environment, brought up to date
    assert installed(checkout) == "2.0"

    bootstrap(checkout, "dev")
    assert bootstrap(checkout, "runtime").stdout == ""  # the larger set holds the smaller one


def test_an_installation_that_was_killed_is_made_anew(checkout: Path) -> None:
    bootstrap(checkout)
    (checkout / ".venv" / "touchstone.unfinished").touch()
    (checkout / ".venv" / "left_over").touch()
    assert bootstrap(checkout).stdout.startswith("Making a virtual environment")
    assert not (checkout / ".venv" / "left_over").exists()
    assert installed(checkout) == "1.0"


def test_a_package_that_is_not_the_pinned_one_is_refused_and_the_next_try_works(
    checkout: Path, tmp_path: Path
) -> None:
    pins = checkout / "requirements" / "runtime.txt"
    right = pins.read_text()
    pins.write_text(right[:-2] + ("0" if right[-2] != "0" else "1") + "\n")
    result = bootstrap(checkout)
    assert result.returncode == 2
    assert "DO NOT MATCH THE HASHES" in result.stderr
    assert result.stderr.strip().endswith("[packages_not_installed]")
    assert "Traceback" not in result.stderr
    pins.write_text(right)
    assert bootstrap(checkout).returncode == 0
    assert installed(checkout) == "1.0"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_checkout_that_cannot_be_written_is_one_sentence(checkout: Path) -> None:
    checkout.chmod(0o500)
    try:
        result = bootstrap(checkout)
    finally:
        checkout.chmod(0o700)
    assert result.returncode == 2
    assert result.stderr.endswith("where .venv goes. [venv_not_writable]\n")
    assert result.stderr.count("\n") == 1
