from __future__ import annotations

from typing import Any

from django.db import connection, models

from tests.schema.test_tenants import foreign_keys, tables

# Keys that nothing is looked up by, each with the reason. Rows behind them are never deleted, so PostgreSQL
# never searches for who points to them either.
NEVER_LOOKED_UP = {
    "Access.key": "the access log is read by workspace",
    "Agreement.published_by": "told, not asked",
    "Answer.response": "answers are read by review",
    "Assignment.form": "told, not asked",
    "Assignment.project": "assignments are found by rater, by item, by public id",
    "Assignment.revision": "assignments are found by item",
    "Flag.rater": "flags are read by item and by project",
    "ImportJob.source": "only an erasure asks, once in a while",
    "InvitationProject.project": "read by invitation",
    "Item.revision": "an item leads to its revision, never back",
    "ItemLikeness.nearest": "an item leads to what it looks like, never back",
    "ItemVector.item": "an item's vector is found under its version, in the version's key",
    "ItemVector.revision": "told, not asked",
    "ItemRecord.import_job": "an item leads to its import, never back",
    "ItemRevision.context_provenance": "a text leads to where it came from, never back",
    "ItemRevision.prompt_provenance": "a text leads to where it came from, never back",
    "NearPair.found_by": "told, not asked",
    "NearPair.left": "two near-equal texts lead to their responses, never back",
    "NearPair.right": "two near-equal texts lead to their responses, never back",
    "Pair.response_hi": "pairs are found by revision",
    "Pair.response_lo": "pairs are found by revision",
    "Pull.key": "the pull log is read by version",
    "Response.parent": "a rewrite leads to its parent, never back",
    "Response.provenance": "a text leads to where it came from, never back",
    "Review.agreement": "told, not asked",
    "Review.form": "told, not asked",
    "Review.import_job": "a review leads to its import, never back",
    "Review.item_revision": "reviews are found by item",
    "Review.source": "found with the external id, or by item",
    "Run.base": "a run leads to the one it went on from, never back",
    "SearchEntry.item": "a search leads to its items, never back",
    "SplitEntry.run": "the ledger is read by project",
    "Vote.response_hi": "votes are read by review",
    "Vote.response_lo": "votes are read by review",
}


def _leading_columns() -> set[tuple[str, str]]:
    """(table, first column) of every index; a partial one counts when it is there for rows that have the key."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.relname, a.attname FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid"
            " JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = i.indkey[0]"
        )
        return set(cursor.fetchall())


def test_every_key_has_an_index_or_a_reason_to_have_none(db: Any) -> None:
    indexed = _leading_columns()
    bare = {
        f"{model.__name__}.{field.name}"
        for model in tables()
        for field in foreign_keys(model)
        if (model._meta.db_table, field.column) not in indexed
    }
    assert bare == set(NEVER_LOOKED_UP) - {"Access.key", "Review.source", "Agreement.published_by"}


def test_the_unique_pair_with_the_workspace_serves_lookups_by_workspace(db: Any) -> None:
    """It costs COPY speed, so it stands only on tables that something points to."""
    targets = {field.related_model for model in tables() for field in foreign_keys(model)}
    for model in tables():
        names = {c.name for c in model._meta.constraints if isinstance(c, models.UniqueConstraint)}
        if any(name.endswith("_workspace_id") for name in names):
            assert model in targets, model
