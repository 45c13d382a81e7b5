from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import grimp
import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

CHECKOUT = Path(__file__).parents[2]
HEAVY = ("numpy", "pandas", "pyarrow", "scipy")  # curation/late.py
NEVER_IN_THE_WEB = ("label_studio_sdk", "datasketch", "numba", "altair", "pytest")
START = """
import sys, warnings
warnings.simplefilter("ignore")
import config.wsgi
from django.urls import get_resolver
get_resolver().reverse_dict
print(" ".join(sys.modules))
"""
WORKER = """
import sys, warnings
warnings.simplefilter("ignore")
import config.wsgi
from celery.signals import worker_init
worker_init.send(sender=None)
print(" ".join(sys.modules))
"""


def modules_after(program: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    """What a web process has loaded when it can answer any address."""
    return modules_after(START)


def test_no_app_looks_up_and_no_pure_package_looks_out() -> None:
    """config → exports → curation → feedback, doors → actions → models; see docs/decisions/0001-layers.md."""
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter], cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_web_does_not_load_what_only_workers_need(loaded: set[str]) -> None:
    assert "feedback.web.urls" in loaded
    assert loaded & set(NEVER_IN_THE_WEB) == set()


def test_the_web_does_not_load_frames_and_mathematics_at_its_start(loaded: set[str]) -> None:
    assert loaded & set(HEAVY) == set()


def test_a_worker_loads_them_before_it_forks() -> None:
    """Else each of its processes would keep a copy of its own."""
    assert set(HEAVY) | {"numba", "scipy.stats"} <= modules_after(WORKER)


def test_no_app_imports_another_apps_doors() -> None:
    doors = {"web", "api", "hub", "tasks", "admin", "management"}
    found = []
    for app in ("feedback", "curation", "exports"):
        for path in (CHECKOUT / app).rglob("*.py"):
            for line in path.read_text().splitlines():
                words = line.split()
                if len(words) < 2 or words[0] not in {"from", "import"}:
                    continue
                target = words[1].split(".")
                if target[0] in {"feedback", "curation", "exports"} - {app} and doors & set(target):
                    found.append(f"{path.relative_to(CHECKOUT)}: {line}")
    assert found == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Not even for their types, and not by imports inside functions."""
    graph = grimp.build_graph("config", "exports", "curation", "feedback")
    modules = sorted(graph.modules)
    place = {module: at for at, module in enumerate(modules)}
    arrows = np.array(
        [
            (place[module], place[target])
            for module in modules
            for target in graph.find_modules_directly_imported_by(module)
        ]
    )
    ties = coo_array((np.ones(len(arrows)), arrows.T), shape=(len(modules), len(modules)))
    _, circle = connected_components(ties, connection="strong")
    sizes = np.bincount(circle)
    assert [module for module, at in place.items() if sizes[circle[at]] > 1] == []
