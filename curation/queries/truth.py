"""Known answers of a run's pairs: the keys of gold items, and what adjudicators have said."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection

from curation import frames
from curation.late import np
from curation.models import Run
from curation.scored import reading_of
from curation.stages.base import outcomes
from feedback.bodies import form_of
from feedback.forms.body import check_body
from feedback.forms.derive import derive
from feedback.forms.schema import Form
from feedback.models import FormVersion, Item, Purpose, Response
from feedback.readers.identity import pair_hash

# As `start_run` takes primary reviews: the current revision, nothing erased, and nothing that came after the run began.
_ADJUDICATIONS = """
SELECT id FROM (
    SELECT DISTINCT ON (item_id, rater_id, occasion) item_id, id FROM feedback_review
    WHERE project_id = %s AND kind = 'adjudication' AND received_at <= %s
    ORDER BY item_id, rater_id, occasion, revision DESC
) latest
WHERE NOT EXISTS (SELECT FROM feedback_reviewbody b WHERE b.review_id = latest.id AND b.erasure_id IS NOT NULL)
ORDER BY id
"""


def known_answers(run: Run) -> dict[str, int]:
    """Pair → +1 where the first response is better, −1 where the second is, 0 for a tie; keys of gold items come first.

    Adjudicators who contradict one another leave a tie.
    """
    return {**_adjudicated(run), **dict(_keys(run))}


def _adjudicated(run: Run) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(_ADJUDICATIONS, [run.project_id, run.created_at])
        ids = [row[0] for row in cursor.fetchall()]
    if not ids:
        return {}
    votes = frames.read_reviews(ids, reading_of(run)).votes
    signs = votes.assign(sign=np.sign(outcomes(votes))).groupby("pair")["sign"].sum()
    return {str(pair): int(sign) for pair, sign in np.sign(signs).items()}


def _keys(run: Run) -> Iterator[tuple[str, int]]:
    """The expected answers of gold items, as far as the project's latest form understands them."""
    version = FormVersion.objects.filter(project_id=run.project_id).order_by("version").last()
    gold = Item.objects.filter(project_id=run.project_id, purpose=Purpose.GOLD)
    rows = gold.exclude(record__key={}).select_related("record", "revision").order_by("pk")
    if version is None:
        return
    form, questions = form_of(version), set(run.frozen["questions"])
    for item in rows:
        if item.revision is not None:
            content = bytes(item.revision.content_hash).hex()
            yield from _votes_of_key(form, questions, item, content)


def _votes_of_key(
    form: Form, questions: set[str], item: Item, content: str
) -> Iterator[tuple[str, int]]:
    responses = dict(
        Response.objects.filter(revision_id=item.revision_id).values_list("position", "text_hash")
    )
    body = {"answers": item.record.key.get("answers", {}), "cannot_judge": None}
    if check_body(form, body, sorted(responses), complete=False):
        return
    for vote in derive(form, body).votes:
        if vote.question in questions:
            lo, hi = bytes(responses[vote.lo]).hex(), bytes(responses[vote.hi]).hex()
            yield pair_hash(content, lo, hi, vote.question), int(np.sign(vote.outcome))
