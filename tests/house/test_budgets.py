from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from statistics import median

CHECKOUT = Path(__file__).parents[2]
PRODUCT = ("config", "exports", "curation", "feedback")
TESTS = ("tests", "benchmarks")
LONGEST_FUNCTION, LONGEST_FILE = 60, 400
USUAL_FUNCTION, USUAL_FILE = 10, 100


def files(*folders: str) -> Iterator[Path]:
    for folder in folders:
        for path in sorted((CHECKOUT / folder).rglob("*.py")):
            if "migrations" not in path.parts and path.stat().st_size:
                yield path


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Name and length in lines of every function of a file, methods too."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            place = f"{path.relative_to(CHECKOUT)}:{node.lineno} {node.name}"
            yield place, node.end_lineno - node.lineno + 1


def lengths(*folders: str) -> dict[str, int]:
    return {
        str(path.relative_to(CHECKOUT)): len(path.read_text().splitlines())
        for path in files(*folders)
    }


def test_a_function_fits_on_a_screen() -> None:
    found = dict(each for path in files(*PRODUCT, *TESTS) for each in functions(path))
    assert {name for name, lines in found.items() if lines > LONGEST_FUNCTION} == set()


def test_functions_are_usually_much_shorter() -> None:
    usual = median(lines for path in files(*PRODUCT) for _, lines in functions(path))
    print(f"median of a function: {usual:g} lines")  # noqa: T201
    assert usual <= USUAL_FUNCTION


def test_a_file_is_read_in_one_go() -> None:
    found = lengths(*PRODUCT, *TESTS)
    assert {name for name, lines in found.items() if lines > LONGEST_FILE} == set()


def test_files_are_usually_much_shorter() -> None:
    usual = median(lengths(*PRODUCT).values())
    print(f"median of a file: {usual:g} lines")  # noqa: T201
    assert usual <= USUAL_FILE


def test_a_module_opens_with_a_sentence_that_says_what_it_is_for() -> None:
    silent = []
    for path in files(*PRODUCT):
        tree = ast.parse(path.read_text())
        says = ast.get_docstring(tree) or ""
        only_imports = all(isinstance(node, ast.ImportFrom) for node in tree.body)
        if not only_imports and not says.split("\n\n")[0].rstrip().endswith((".", ":")):
            silent.append(str(path.relative_to(CHECKOUT)))
    assert silent == []


def test_nobody_leaves_work_for_later_in_the_code() -> None:
    marks = ("TO" + "DO", "FIX" + "ME", "X" * 3)
    left = [
        f"{path.relative_to(CHECKOUT)}: {mark}"
        for path in files(*PRODUCT)
        for mark in marks
        if mark in path.read_text()
    ]
    assert left == []
