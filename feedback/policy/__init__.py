"""The rules of the queue as pure functions: who may claim, when an item is settled, in which order, at what pace."""

from __future__ import annotations
