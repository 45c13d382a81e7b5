"""What the API doors of every app share: who calls, JSON in and out, errors, pages, repeated requests, OpenAPI."""

from __future__ import annotations
