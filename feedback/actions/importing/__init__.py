"""Imports: files become items, responses and reviews, chunk by chunk, each chunk one transaction."""

from __future__ import annotations
