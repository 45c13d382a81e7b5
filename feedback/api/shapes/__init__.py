"""The shapes of the API's bodies and answers. They translate names and types, and hold no rule."""

from __future__ import annotations
