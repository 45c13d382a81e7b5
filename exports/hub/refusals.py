"""What a hub client hears instead of an answer. The code in `X-Error-Code` picks the exception that it raises."""

from __future__ import annotations

from django.http import JsonResponse


class HubRefusal(Exception):
    """It cannot be answered; `sentence` is shown to the person at the other end."""

    status = 404
    code = ""

    def __init__(self, sentence: str, **headers: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.headers = headers

    def response(self) -> JsonResponse:
        """The refusal in headers, as clients read it, and as JSON for people with curl."""
        sentence = _one_line(self.sentence)
        answer = JsonResponse({"error": sentence}, status=self.status)
        # Clients decode headers as UTF-8; WSGI takes bytes spelled as Latin-1.
        answer["X-Error-Message"] = sentence.encode().decode("latin-1")
        if self.code:
            answer["X-Error-Code"] = self.code
        for name, value in self.headers.items():
            answer[name.replace("_", "-")] = value
        return answer


class BadRequest(HubRefusal):
    status = 400


class NoKey(HubRefusal):
    """No key was sent. Whether the dataset exists is not said."""

    status = 401
    code = "RepoNotFound"


class WrongKey(HubRefusal):
    """A key was sent that does not work."""

    status = 401

    def __init__(self) -> None:
        # Clients know this sentence and say that the token is wrong.
        super().__init__("Invalid credentials in Authorization header", WWW_Authenticate="Bearer")


class NotForThisKey(HubRefusal):
    """The key or its member is too weak. Without the code, clients blame the network and use what they have in cache."""

    status = 403
    code = "RepoNotFound"


class NoRepo(HubRefusal):
    code = "RepoNotFound"


class NoRevision(HubRefusal):
    code = "RevisionNotFound"


class Withdrawn(HubRefusal):
    """Any other code would let a client that has the files in its cache use them in silence."""

    status = 410
    code = "RevisionNotFound"


class NoEntry(HubRefusal):
    """No such file. With the commit, clients remember that it is missing."""

    code = "EntryNotFound"

    def __init__(self, sentence: str, commit: str) -> None:
        super().__init__(sentence, X_Repo_Commit=commit)


class NoBytes(HubRefusal):
    """The file is known, its bytes are lost. Clients give up on a 503 at once, and show the sentence."""

    status = 503


class Busy(HubRefusal):
    """Too many downloads at once.

    429, since clients wait it out; a 503 on a download is final for them (huggingface_hub 2.4, `http_get`).
    """

    status = 429

    def __init__(self, seconds: int) -> None:
        super().__init__(
            "All places for downloads are taken; the next attempt may find one.",
            Retry_After=str(seconds),
        )


def _one_line(text: str) -> str:
    return "".join(c for c in " ".join(text.split()) if c.isprintable())
