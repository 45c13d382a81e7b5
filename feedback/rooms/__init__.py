"""What the pages of every app share: who asks and where they are, the frame around an answer, refusals told in a form."""

from __future__ import annotations
