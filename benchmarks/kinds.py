"""An item of every kind of desk with the form that opens it: for measuring them, and for the browser tests that look at each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

WHY = {"type": "text", "id": "why", "title": "Why", "min_length": 20}
PATCH = (
    "diff --git a/x/plot.py b/x/plot.py\n--- a/x/plot.py\n+++ b/x/plot.py\n"
    "@@ -30,5 +30,6 @@ class Renderer:\n line 30\n-line 31\n-line 32\n+    if not unbound(plot.streams, plot.dimensions, False):\n"
    "+        return figures[0] if self.figure == 'auto' else self.figure  # a line that is longer than a phone is wide\n"
    "+three\n line 33\n line 34\n"
    "diff --git a/run.sh b/run.sh\nold mode 100644\nnew mode 100755\n"
)
BRIEF = (
    "# Argument\n\n## The judgment should be reversed\n\nThe court below read the statute to require what its words do not. "
    'See Roe v. Wade, 410 U.S. 113, 153 (1973), which held that "the right of personal privacy is broad enough".\n\n'
    "## The record shows no waiver\n\nNo witness spoke of one. Brown v. Board of Education, 347 U.S. 483 (1954), is not to the contrary; "
    "nor is 28 U.S.C. § 1331.[^1]\n\n[^1]: It was decided on other grounds.\n"
)
ANSWERS = (
    "Containment: the idea that communism had to be kept within its borders, by alliances and by money.",
    "Deterrence, and later the right to strike first, which the Senate debated for a month.",
    "The Truman doctrine was used until 1946.",
    "Nobody knows.",
)
SOLUTION = (
    "The sides are 3 and 4.\n\nSo the third side is 5, by Pythagoras.\n\nThe area is therefore 12."
)
RUBRIC = (
    "10: Names the governing statute\n5: States the standard of review\n-20: Invents an authority"
)


@dataclass(frozen=True)
class Kind:
    """A desk: its domain, the questions of its own form if it has one, and the item that is on it."""

    name: str
    responses: tuple[str, ...]
    domain: str = "chat"
    questions: tuple[dict[str, Any], ...] = ()
    prompt: Any = "What justified U.S. foreign policy in the Cold War?"
    context: tuple[dict[str, Any], ...] = field(default=())

    @property
    def form(self) -> dict[str, Any] | None:
        """The form that replaces the domain's, None where the domain's is used."""
        if not self.questions:
            return None
        count = len(self.responses)
        return {
            "desk": "compare",
            "responses": {"min": count, "max": count},
            "usual_minutes": 4,
            "questions": list(self.questions),
        }

    def row(self, id: str = "1") -> dict[str, Any]:
        """The item as an import takes it."""
        responses = [{"text": text, "format": "markdown"} for text in self.responses]
        if self.name.startswith("patch"):
            responses = [{"text": text, "format": "diff"} for text in self.responses]
        return {
            "id": id,
            "prompt": self.prompt,
            "context": [dict(each) for each in self.context],
            "responses": responses,
        }


def question(kind: str, id: str, title: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "id": id, "title": title, **more}


CRITIQUES = question(
    "critiques",
    "remarks",
    "Remarks",
    required=False,
    categories=[{"value": "wrong", "title": "Wrong"}, {"value": "unclear", "title": "Unclear"}],
)
MERGE = question(
    "choice",
    "merge",
    "Would you merge it?",
    per="item",
    options=[{"value": "yes", "title": "As it is"}, {"value": "no", "title": "No"}],
)
REASON = question(
    "text", "reason", "What would change your mind?", when={"question": "merge", "is": ["no"]}
)
ISSUE = {"title": "Issue 7", "kind": "issue", "text": "It draws **nothing** for a dynamic plot."}
RUN = {"title": "pytest -q", "kind": "test_run", "text": "F.\n1 failed\nexit 1 in 2.0 s"}
TALK = [
    {"role": "system", "content": "You are a careful historian."},
    {"role": "user", "content": "What was containment?"},
    {"role": "assistant", "content": "A policy.\n\n| Year | Act |\n|---|---|\n| 1947 | Doctrine |"},
    {"role": "user", "content": "And who began it?"},
]

KINDS = (
    Kind("compare", ANSWERS[:2]),
    Kind("chat, several turns", ANSWERS[:2], prompt=TALK),
    Kind(
        "patch with critiques and conditions",
        (PATCH,),
        domain="patch_review",
        questions=(MERGE, REASON, {**CRITIQUES, "comments": True}, WHY),
        prompt="Mend the plot.",
        context=(ISSUE, RUN),
    ),
    Kind("patch, two compared", (PATCH, PATCH.replace("False", "True")), domain="code_pr"),
    Kind("brief, one reviewed", (BRIEF,), domain="brief_review", prompt="Write the argument."),
    Kind("brief, two compared", (BRIEF, BRIEF.replace("1973", "1937")), domain="legal_brief"),
    Kind(
        "ranking",
        ANSWERS,
        questions=(question("ranking", "order", "Put the responses in order"), WHY),
    ),
    Kind(
        "stack",
        ANSWERS[:3],
        questions=(
            question("rating", "good", "How good", min=1, max=5, anchors={"1": "bad", "5": "good"}),
            WHY,
        ),
    ),
    Kind(
        "steps",
        (SOLUTION,),
        questions=(
            question("steps", "steps", "Label every step", split="paragraph", to_first_error=False),
            WHY,
        ),
    ),
    Kind(
        "checklist",
        ANSWERS[:2],
        questions=(question("checklist", "rubric", "Go through the rubric"), WHY),
        context=({"title": "Rubric", "kind": "rubric", "text": RUBRIC},),
    ),
    Kind(
        "rewrite",
        ANSWERS[:1],
        questions=(question("rewrite", "better", "Write it as it should be"), CRITIQUES),
    ),
)
