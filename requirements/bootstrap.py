"""Makes .venv and installs the pinned packages when they changed: `python3 requirements/bootstrap.py runtime|dev|browser|benchmarks`.

It needs nothing but the standard library, and Pythons back to 3.6 can read it, so that an old one gets a sentence
instead of a syntax error.
"""
# No "from __future__ import annotations", which Python 3.6 does not know, and no newer syntax either.
# ruff: noqa: I002, E402, T201, S603

import sys

OLDEST = (3, 11)
if sys.version_info < OLDEST:
    sys.stderr.write(
        f"touchstone: Touchstone needs Python {OLDEST[0]}.{OLDEST[1]} or newer; {sys.executable} is "
        f"{sys.version_info[0]}.{sys.version_info[1]}. Install a newer one, or name it: "
        "make run PYTHON=/path/to/python3.11 [old_python]\n"
    )
    raise SystemExit(2)

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
VENV = FOLDER.parent / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "touchstone.stamp"
UNFINISHED = VENV / "touchstone.unfinished"

# Each set holds the ones before it. Megabytes to fetch, and on disk once installed (x86-64, Python 3.11).
SETS = {
    "runtime": (360, 1220),
    "dev": (415, 1380),
    "browser": (475, 1540),
    "benchmarks": (490, 1630),
}


class Refusal(Exception):
    """A sentence for the person at the keyboard, and a code that stays the same."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


def main(wanted: str) -> None:
    """Bring .venv up to date with the wanted set; says nothing when it is."""
    with one_at_a_time():
        if is_current(wanted):
            return
        check_ensurepip()
        check_writable()
        check_space(wanted)
        make_venv()
        install(wanted)


def is_current(wanted: str) -> bool:
    """Whether the set, or a larger one that holds it, was installed from the files as they are now."""
    if UNFINISHED.exists() or not PYTHON.exists() or not STAMP.exists():
        return False
    larger = list(SETS)[list(SETS).index(wanted) :]
    return STAMP.read_text() in {fingerprint(name) for name in larger}


def fingerprint(name: str) -> str:
    """The set's pins and the Python they were installed for."""
    digest = hashlib.sha256(pins(name).read_bytes())
    digest.update(sys.version.encode())
    return f"{name} {digest.hexdigest()}"


def check_ensurepip() -> None:
    """Debian ships `venv` without the part that puts pip into it."""
    if not PYTHON.exists() and importlib.util.find_spec("ensurepip") is None:
        raise Refusal(
            "no_venv",
            "this Python cannot make a virtual environment. On Debian and Ubuntu: sudo apt install python3-venv",
        )


def check_writable() -> None:
    place = VENV if VENV.exists() else VENV.parent
    if not os.access(place, os.W_OK | os.X_OK):
        raise Refusal("venv_not_writable", f"this user cannot write to {place}, where .venv goes.")


def check_space(wanted: str) -> None:
    """Before anything is fetched for the first time."""
    needed = sum(SETS[wanted])  # the fetched files and what is unpacked from them
    free = shutil.disk_usage(FOLDER).free // 10**6
    if not STAMP.exists() and free < needed:
        raise Refusal(
            "disk_full",
            f"the packages need about {needed} MB in {VENV}, and {free} MB are free there.",
        )


def make_venv() -> None:
    """A fresh one where there is none, where an installation was cut short, or where its Python was replaced."""
    if PYTHON.exists() and not UNFINISHED.exists() and is_usable():
        return
    say("Making a virtual environment in .venv")
    command = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    if subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode:
        raise Refusal("no_venv", "the virtual environment could not be made; the reason is above.")


def is_usable() -> bool:
    answer = subprocess.run(
        [str(PYTHON), "-c", "import pip, sys; print(sys.version)"], capture_output=True, check=False
    )
    return answer.stdout.decode().strip() == sys.version


def install(wanted: str) -> None:
    count = pins(wanted).read_text().count("==")
    fetch, disk = SETS[wanted]
    say(
        f"Installing {count} pinned packages: up to {fetch} MB to fetch, {disk} MB on disk, a minute or more; once"
    )
    UNFINISHED.touch()
    # --no-deps: the pins are complete, and one package asks for another that we leave out (overrides.txt).
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--no-input"]
    command += ["--disable-pip-version-check", "--retries", "2"]
    command += ["--no-compile", "--no-deps", "--require-hashes", "-r", str(pins(wanted))]
    failed = subprocess.run(command, check=False).returncode
    UNFINISHED.unlink()  # pip ended by itself, so nothing is half there; a killed one leaves the mark
    if failed:
        raise Refusal(
            "packages_not_installed",
            "the packages could not be installed; pip gives the reason above. Then run the same command again.",
        )
    STAMP.write_text(fingerprint(wanted))


def pins(name: str) -> Path:
    return FOLDER / f"{name}.txt"


def say(line: str) -> None:
    print(line, flush=True)


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Two makes at once: the second waits, then finds everything there."""
    folder = os.open(FOLDER, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def run() -> int:
    try:
        main(sys.argv[1])
    except Refusal as refusal:
        sys.stderr.write(f"touchstone: {refusal} [{refusal.code}]\n")
        return 2
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        sys.stderr.write(f"touchstone: cannot write {VENV}: {error} [venv_not_writable]\n")
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(run())
