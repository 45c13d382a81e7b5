"""The tables of what people said."""

from __future__ import annotations

from .assignments import Assignment, Draft, Flag, Kind, Seat
from .bulk import BulkChange, BulkJob
from .checks import CheckAnswer
from .imports import ImportJob, ImportRejection, SavedMapping
from .items import Item, ItemRecord, ItemRevision, Provenance, Purpose, Response
from .keys import ApiKey, Scope
from .law import Citations
from .people import (
    Acceptance,
    Agreement,
    Invitation,
    InvitationProject,
    Membership,
    Role,
    SetupLink,
    User,
    Workspace,
)
from .projects import FormVersion, Guideline, Project, ProjectReviewer, Rater, RaterFacts, Source
from .records import Access, Announcement, Erasure, IdempotencyKey
from .reviews import Answer, Review, ReviewBody, ReviewEffort, ReviewSeal, Vote
from .search import SavedView, SearchEntry, SearchMark
from .threads import Remark, Thread

__all__ = [
    "Acceptance",
    "Access",
    "Agreement",
    "Announcement",
    "Answer",
    "ApiKey",
    "Assignment",
    "BulkChange",
    "BulkJob",
    "CheckAnswer",
    "Citations",
    "Draft",
    "Erasure",
    "Flag",
    "FormVersion",
    "Guideline",
    "IdempotencyKey",
    "ImportJob",
    "ImportRejection",
    "Invitation",
    "InvitationProject",
    "Item",
    "ItemRecord",
    "ItemRevision",
    "Kind",
    "Membership",
    "Project",
    "ProjectReviewer",
    "Provenance",
    "Purpose",
    "Rater",
    "RaterFacts",
    "Remark",
    "Response",
    "Review",
    "ReviewBody",
    "ReviewEffort",
    "ReviewSeal",
    "Role",
    "SavedMapping",
    "SavedView",
    "Scope",
    "SearchEntry",
    "SearchMark",
    "Seat",
    "SetupLink",
    "Source",
    "Thread",
    "User",
    "Vote",
    "Workspace",
]
