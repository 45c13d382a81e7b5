"""Which bytes a request gets, for every range that somebody may write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.serving import Body, Part, part

SHA = "ab" * 32
TAG = f'"{SHA}"'


def asked(size: int = 100, method: str = "GET", **headers: str) -> Part:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return part(method, named, size=size, sha256=SHA)


def as_python(text: bytes, first: int | None, last: int | None) -> bytes:
    """What RFC 9110, 14.1.2 says of a range, as slices."""
    if first is None:
        return text[len(text) - min(last, len(text)) :]
    return text[first:] if last is None else text[first : last + 1]


@given(
    size=st.integers(0, 40),
    first=st.none() | st.integers(0, 50),
    last=st.none() | st.integers(0, 50),
)
def test_a_range_gives_the_bytes_that_it_names(size, first, last):
    text = bytes(range(size))
    written = "-".join("" if n is None else str(n) for n in (first, last))
    found = asked(size, Range=f"bytes={written}")
    if written == "-" or (first is not None and last is not None and last < first):
        assert (found.status, found.start, found.length) == (200, 0, size)
        return
    expected = as_python(text, first, last)
    if not expected:
        assert (found.status, found.length) == (416, 0)
        assert found.headers["Content-Range"] == f"bytes */{size}"
        return
    end = found.start + found.length
    assert (found.status, text[found.start : end]) == (206, expected)
    assert found.headers["Content-Range"] == f"bytes {found.start}-{end - 1}/{size}"
    assert found.headers["Content-Length"] == str(len(expected))


@pytest.mark.parametrize(
    "written",
    [
        "",
        "bytes=0-1,5-6",
        "items=0-1",
        "bytes=a-b",
        "bytes=-",
        "bytes=9-2",
        f"bytes=0-{'9' * 5000}",
    ],
)
def test_what_is_no_single_range_gets_the_whole_file(written):
    found = asked(Range=written)
    assert (found.status, found.start, found.length) == (200, 0, 100)


def test_a_head_has_no_range():
    found = asked(method="HEAD", Range="bytes=0-9")
    assert (found.status, found.headers["Content-Length"]) == (200, "100")


@pytest.mark.parametrize("tags", [TAG, f"W/{TAG}", f'"other", {TAG}', "*"])
def test_whoever_has_the_file_already_gets_nothing(tags):
    found = asked(If_None_Match=tags, Range="bytes=0-9")
    assert (found.status, found.length, found.headers["ETag"]) == (304, 0, TAG)


@pytest.mark.parametrize("tags", ['"other"', SHA, "", '"'])
def test_whoever_has_another_file_gets_this_one(tags):
    assert asked(If_None_Match=tags).status == 200


def test_the_rest_is_sent_only_to_whoever_holds_the_beginning_of_this_file():
    assert asked(Range="bytes=50-", If_Range=TAG).status == 206
    assert asked(Range="bytes=50-", If_Range='"other"').status == 200
    assert asked(Range="bytes=50-", If_Range="Wed, 21 Oct 2026 07:28:00 GMT").status == 200


def test_a_piece_counts_as_sent_when_the_next_one_is_asked_for():
    told: list[int] = []
    body = Body(iter([b"abc", b"de"]), 5, lambda body: told.append(body.sent))
    next(body)
    assert (body.sent, told) == (0, [])
    next(body)
    assert body.sent == 3
    assert next(body, None) is None
    body.close()
    body.close()
    assert told == [5]


def test_the_time_left_follows_the_pace_so_far():
    body = Body(iter([b"x" * 25] * 4), 100, lambda body: None)
    assert body.seconds_left(7.0) == 0
    next(body)
    next(body)
    assert body.begun is not None
    assert body.seconds_left(body.begun + 2) == pytest.approx(6)
