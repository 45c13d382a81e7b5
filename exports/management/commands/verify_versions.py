"""`manage.py verify_versions`: whether every file of every version is in storage as it was published. Ends with 1 if not."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand
from django.template.defaultfilters import filesizeformat, pluralize

from exports.verifying import Checked, checked_files


class Command(BaseCommand):
    help = "Reads every file of every version and compares it with the hash that was published; ends with 1 if one differs."

    def handle(self, *args: Any, **options: Any) -> None:
        versions, files, size, faulty = set[int](), 0, 0, 0
        for each in checked_files():
            versions.update(file.version_id for file in each.files)
            files += len(each.files)
            size += each.files[0].size
            if not each.is_sound:
                faulty += len(each.files)
                self.stderr.write("\n".join(_faults(each)))
        counted = f"{_many(len(versions), 'version')}, {_many(files, 'file')}"
        self.stdout.write(f"{counted}, {filesizeformat(size)}.")
        if faulty:
            self.stderr.write(f"Not what was published: {_many(faulty, 'file')}.")
            sys.exit(1)
        self.stdout.write("Every file is there, as it was published.")


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{pluralize(count)}"


def _faults(checked: Checked) -> Iterator[str]:
    word = "Missing" if checked.stored is None else "Changed"
    for file in checked.files:
        dataset = file.version.dataset
        name = f"{dataset.workspace.slug}/{dataset.slug}"
        yield f"{word}: {file.path} of {name} {file.version.name}, {checked.sha256}"
