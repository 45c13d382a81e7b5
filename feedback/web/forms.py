"""The renderer of Django's forms: our own field template."""

from __future__ import annotations

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Fields come from templates/components/field.html."""

    field_template_name = "components/field.html"
