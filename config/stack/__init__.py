"""Runs the whole product on one machine: what `manage.py up` and `manage.py demo` start."""

from __future__ import annotations
