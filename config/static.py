"""Static files with a hash in their names, so that they can be cached for ever; the desk's style sheets as one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage

from feedback.web.desk_parts import WHOLE_STYLE, every_style

THEIRS = "django_htmx/"


class ManifestStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # untyped
    """Whitenoise's storage, following `import … from "./x.js"` in our own modules as well.

    A cold desk may ask for few files (docs/decisions/0012-one-style-sheet.md), so its sheets are joined here, one after the
    other. They say the order of their layers themselves.
    """

    support_js_module_import_aggregation = True
    joins_styles = True

    def post_process(
        self, paths: dict[str, Any], dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, str, bool]]:
        if not dry_run and all(name in paths for name in every_style()):
            sheets = [Path(self.path(name)).read_text("utf-8") for name in every_style()]
            Path(self.path(WHOLE_STYLE)).write_text("\n".join(sheets), "utf-8")
            paths[WHOLE_STYLE] = (self, WHOLE_STYLE)
        yield from super().post_process(paths, dry_run=dry_run, **options)

    def url_converter(
        self, name: str, hashed_files: dict[str, str], template: str | None = None
    ) -> Callable[[re.Match[str]], str]:
        if name.startswith(THEIRS):
            # Packages' scripts speak of modules in their comments; they import none.
            return _as_it_is
        convert: Callable[[re.Match[str]], str] = super().url_converter(
            name, hashed_files, template
        )
        return convert


def _as_it_is(match: re.Match[str]) -> str:
    whole: Any = match.group(0)
    return str(whole)
