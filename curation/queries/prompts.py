"""Prompts in full, as they would leave: every turn with every document, where pairs are compared by the last turn alone."""

from __future__ import annotations

import pandas as pd
from django.db.models import F, Func, IntegerField

from curation.frames import text_of
from feedback.models import ItemRevision

BATCH = 20_000


def whole_prompts(pairs: pd.DataFrame) -> dict[str, str]:
    """Item → the words of its whole prompt and documents. The pairs are as they were read, before any template is taken off."""
    firsts = pairs.drop_duplicates("item")
    items = dict(zip(firsts["revision_id"].tolist(), firsts["item"].tolist(), strict=True))
    whole = dict(zip(firsts["item"].tolist(), firsts["prompt"].tolist(), strict=True))
    ids = [*items]
    turns = Func(F("prompt"), function="jsonb_array_length", output_field=IntegerField())
    for start in range(0, len(ids), BATCH):
        rows = ItemRevision.objects.filter(pk__in=ids[start : start + BATCH]).alias(turns=turns)
        longer = rows.filter(turns__gt=1).values_list("pk", "prompt", "context")
        for pk, prompt, context in longer.iterator(chunk_size=2000):
            whole[items[pk]] = text_of([*prompt, *context])
    return whole
