"""A field for a text of some pages: kept as it was typed, with one kind of line ends, and never blank."""

from __future__ import annotations

from typing import Any

from django import forms


class LongTextField(forms.CharField):
    """Browsers send a textarea's lines with CR LF; texts are stored and compared with LF."""

    def __init__(self, *, rows: int, **options: Any) -> None:
        widget = forms.Textarea(attrs={"rows": rows, "class": "tall"})
        super().__init__(strip=False, widget=widget, **options)

    def to_python(self, value: Any) -> str:
        text = str(super().to_python(value) or "").replace("\r\n", "\n")
        return text if text.strip() else ""
