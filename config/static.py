"""Static files with a hash in their names, ES module imports included, so that they can be cached for ever."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage

THEIRS = "django_htmx/"


class ManifestStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # untyped
    """Whitenoise's storage, following `import … from "./x.js"` in our own modules as well."""

    support_js_module_import_aggregation = True

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
