"""Static files with a hash in their names, so that they can be cached for ever; the desk's styles, and its scripts, as one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage

from feedback.web.desk_parts import WHOLE_SCRIPT, WHOLE_STYLE, every_script, every_style

from .modules import joined

THEIRS = "django_htmx/"


class ManifestStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # untyped
    """Whitenoise's storage, following `import … from "./x.js"` in our own modules as well.

    A cold desk may ask for few files (docs/decisions/0012-one-style-sheet.md), so its sheets are joined here, one after the
    other, and so are its modules. The sheets say the order of their layers themselves.
    """

    support_js_module_import_aggregation = True
    joins_desk = True

    def post_process(
        self, paths: dict[str, Any], dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, str, bool]]:
        if not dry_run and all(name in paths for name in (*every_style(), *every_script())):
            sheets = [Path(self.path(name)).read_text("utf-8") for name in every_style()]
            for name, whole in ((WHOLE_STYLE, "\n".join(sheets)), (WHOLE_SCRIPT, self._script())):
                Path(self.path(name)).write_text(whole, "utf-8")
                paths[name] = (self, name)
        yield from super().post_process(paths, dry_run=dry_run, **options)

    def _script(self) -> str:
        place = Path(self.path(every_script()[-1])).parent
        sources = {path.stem: path.read_text("utf-8") for path in place.glob("*.js")}
        return joined(sources, [Path(name).stem for name in every_script()])

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
