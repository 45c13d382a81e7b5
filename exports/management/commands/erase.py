"""`manage.py erase WORKSPACE --review ID`: erase what somebody wrote, and see which versions were made with it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from exports.actions.datasets import withdraw
from exports.holders import versions_with
from exports.models import DatasetVersion
from feedback import access
from feedback.actions import erasure
from feedback.errors import Refusal
from feedback.models import Rater, Review, User, Workspace

WITHDRAWN = "Words behind it were erased at the wish of whoever wrote them."


class Command(BaseCommand):
    help = "Erases a review, or everything a rater wrote. Without --yes it only says what it would erase."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("workspace", metavar="WORKSPACE")
        parser.add_argument("--by", required=True, metavar="EMAIL", help="the owner who decides it")
        parser.add_argument("--reason", required=True, help="why; kept with the erasure")
        about = parser.add_mutually_exclusive_group(required=True)
        about.add_argument("--review", type=uuid.UUID, metavar="ID")
        about.add_argument("--rater", type=uuid.UUID, metavar="ID")
        about.add_argument("--member", metavar="EMAIL", help="a rater by their account")
        parser.add_argument("--yes", action="store_true", help="erase; it cannot be taken back")
        parser.add_argument(
            "--withdraw", action="store_true", help="withdraw the versions that were made with it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            place = access.workspace(_owner(options["by"]), options["workspace"])
            if options["yes"]:
                self._erase(place, options)
            else:
                self._tell(place, options)
        except Refusal as refusal:
            raise CommandError(f"{refusal.sentence} [{refusal.code}]") from refusal

    def _tell(self, place: access.Place, options: dict[str, Any]) -> None:
        subject = _subject(place, options)
        rows = (
            erasure.revisions_of(subject)
            if isinstance(subject, Review)
            else erasure.reviews_of(subject)
        )
        reviews = list(rows.values_list("pk", flat=True))
        self.stdout.write(f"{len(reviews):,} revisions of reviews would be erased; --yes does it.")
        self._list(_versions(place.workspace, reviews))

    def _erase(self, place: access.Place, options: dict[str, Any]) -> None:
        subject, now, reason = _subject(place, options), timezone.now(), options["reason"]
        if isinstance(subject, Review):
            done = erasure.erase_review(place=place, review=subject, reason=reason, now=now)
        else:
            done = erasure.erase_rater(place=place, rater=subject, reason=reason, now=now)
        counts = ", ".join(f"{count:,} {what}" for what, count in done.erasure.erased.items())
        self.stdout.write(f"Erased as {done.erasure.public_id}: {counts}.")
        versions = _versions(place.workspace, done.reviews)
        if options["withdraw"]:
            for version in versions:
                if version.state == DatasetVersion.State.BUILDING:
                    raise CommandError(
                        f"{version.dataset.slug} {version.name} is being written; try again when it is there."
                    )
                withdraw(version=version, because=WITHDRAWN, now=now)
            versions = _versions(place.workspace, done.reviews)
        self._list(versions)

    def _list(self, versions: Sequence[DatasetVersion]) -> None:
        for line in _words(versions):
            self.stdout.write(line)


def _owner(email: str) -> access.Principal:
    user = User.objects.filter(email__iexact=email, is_active=True).first()
    if user is None:
        raise CommandError(f"Nobody has the address {email}.")
    return access.Principal(user)


def _subject(place: access.Place, options: dict[str, Any]) -> Review | Rater:
    if options["review"]:
        return access.review(place, options["review"])
    if options["rater"]:
        return access.rater(place, options["rater"])
    rows = Rater.objects.filter(workspace=place.workspace, user__email__iexact=options["member"])
    found = rows.first()
    if found is None:
        raise CommandError(f"Nobody with the address {options['member']} has reviewed here.")
    return access.rater(place, found.public_id)


def _versions(workspace: Workspace, reviews: Sequence[int]) -> list[DatasetVersion]:
    return list(versions_with(workspace, reviews))


def _words(versions: Sequence[DatasetVersion]) -> Iterator[str]:
    if not versions:
        yield "No version was made with it."
        return
    yield "Versions that were made with it; their files stay as they are:"
    for version in versions:
        name = f"{version.dataset.slug} {version.name}"
        pulls = version.n_pulls  # type: ignore[attr-defined]  # annotated
        yield f"  {name:<40} {version.get_state_display():<10} {pulls:,} files fetched"
