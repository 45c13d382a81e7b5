"""How code in responses is compared is a setting of the recipe, from the bands to the exact check."""

from __future__ import annotations

import pytest

from curation.actions.recipes import save_recipe
from curation.models import RunPair
from curation.stages.recipes import RECIPES
from tests.steps import import_rows, row, run_recipe
from tests.world import World

PROGRAM = "\n".join(f"total_{n} = rate_{n} * {n} + fee_{n}" for n in range(20))
COMMENTED = "\n".join(
    f"# step number {n}: what the customer of row {n} owes in all\n{line}"
    for n, line in enumerate(PROGRAM.splitlines())
)
RENAMED = PROGRAM.replace("total_", "sum_").replace("rate_", "price_").replace("fee_", "charge_")
OTHER = "```python\nprint('nothing of the kind')\n```"


@pytest.mark.parametrize(
    ("copy", "view", "repeated"),
    [
        (COMMENTED, "raw", False),
        (COMMENTED, "comments", True),
        (RENAMED, "comments", False),
        (RENAMED, "names", True),
    ],
)
def test_a_program_that_differs_in_what_the_recipe_leaves_out_is_a_repetition(
    world: World, copy: str, view: str, repeated: bool
) -> None:
    place = world.place(world.mara)
    rows = [
        row(name, 2, 1, responses=[f"```python\n{code}\n```", OTHER])
        for name, code in (("a", PROGRAM), ("b", copy))
    ]
    import_rows(place, rows, world.now)
    document = RECIPES["chat"].document()
    for step in document["stages"]:
        if step["stage"] == "repeats":
            step["params"] = {"code": view}
    version = save_recipe(
        project=world.project, slug="viewed", document=document, by=None, now=world.now
    )
    run = run_recipe(place, world.now, version)
    reasons = sorted(RunPair.objects.of(run).values_list("reason", flat=True))
    assert reasons == (["", "repeat_pair"] if repeated else ["", ""])
