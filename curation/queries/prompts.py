"""Prompts in full, as they would leave: every turn with every document, where pairs are compared by the last turn alone."""

from __future__ import annotations

import orjson
from django.db import connection

from curation.frames import text_of
from curation.late import pd

# The ids as one value: each by itself would have to be quoted and read.
_LONGER = """
SELECT id, prompt::text, context::text FROM feedback_itemrevision
WHERE id = ANY(%s) AND jsonb_array_length(prompt) > 1
"""


def whole_prompts(pairs: pd.DataFrame) -> dict[str, str]:
    """Item → the words of its whole prompt and documents. The pairs are as they were read, before any template is taken off."""
    firsts = pairs.drop_duplicates("item")
    items = dict(zip(firsts["revision_id"].tolist(), firsts["item"].tolist(), strict=True))
    whole = dict(zip(firsts["item"].tolist(), firsts["prompt"].tolist(), strict=True))
    with connection.cursor() as cursor:
        cursor.execute(_LONGER, [[*items]])
        for pk, prompt, context in cursor:
            whole[items[pk]] = text_of([*orjson.loads(prompt), *orjson.loads(context)])
    return whole
