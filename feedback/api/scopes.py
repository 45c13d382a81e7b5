"""Which scopes of a key open which kind of door, where one alone does not say it."""

from __future__ import annotations

from feedback.models import Scope

# Everybody's key may say where it belongs.
ANY = frozenset(Scope)
# What a project is, its form and its guideline: whoever works in projects; not a key that only loads datasets.
IN_PROJECTS = ANY - {Scope.DATASETS_READ, Scope.DATASETS_WRITE}
# Whoever imports follows the import.
ITEMS = frozenset({Scope.ITEMS_READ, Scope.ITEMS_WRITE})
