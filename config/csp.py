"""The content security policy of django-csp, put together once for the answers that ask for nothing of their own."""

from __future__ import annotations

from dataclasses import asdict
from functools import cached_property

from csp import middleware
from csp.constants import HEADER
from csp.utils import build_policy
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

_OWN = {
    *("_csp_exempt", "_csp_config", "_csp_update", "_csp_replace"),
    *("_csp_exempt_ro", "_csp_config_ro", "_csp_update_ro", "_csp_replace_ro"),
}


class CSPMiddleware(middleware.CSPMiddleware):
    """Sets the same header as django-csp; a page with a nonce or a policy of its own is left to it."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if getattr(request, "_csp_nonce", None) or not _OWN.isdisjoint(response.__dict__):
            return super().process_response(request, response)
        response.setdefault(HEADER, self._usual)
        return response

    @cached_property
    def _usual(self) -> str:
        parts = self.get_policy_parts(request=HttpRequest(), response=HttpResponse())
        return build_policy(**asdict(parts))
