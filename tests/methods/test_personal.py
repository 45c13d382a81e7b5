"""Personal data and secrets, planted: what is found, what is missed, what is taken for one and is none."""

from __future__ import annotations

import gzip
import itertools
import json
import socket
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.methods.hint_groups import IPV6
from curation.methods.hints import hints, may_be_personal
from curation.methods.personal import personal_data
from curation.methods.places import Found, apart
from curation.methods.secrets import secrets
from tests.methods.planted import NOT_PERSONAL, NOT_SECRET, PERSONAL, SECRETS

# What nobody finds, by name: a test of the table in docs/gates.md.
MISSED = {
    "email": ["anna.berg(at)northgatelaw.com", "anna.berg@northgatelaw,com"],
    "phone": ["0171 2345678", "2127365000"],
    "card": 1,  # MasterCard's newer numbers, 2221 to 2720, have no pattern
    "iban": ["de89370400440532013000"],
    "ssn": ["536228726"],
    "ip": [],
}
CARRIERS = ("Please write to {} about it.", "contact = '{}'  # ours", "{}", "| {} | done |\n")


def digits(value):
    """What of a value must be found: a word before a number need not be hidden."""
    return "".join(filter(str.isdigit, value)) if value[-1].isdigit() else value


@pytest.mark.parametrize("kind", PERSONAL)
def test_planted_personal_data_is_found_where_it_stands(kind):
    missed = []
    for value in PERSONAL[kind]:
        text = CARRIERS[0].format(value)
        places = [text[f.start : f.end] for f in personal_data(text) if f.kind == kind]
        if len(places) != 1 or digits(places[0]) != digits(value):
            missed.append(value)
    print(f"{kind}: {len(PERSONAL[kind]) - len(missed)} of {len(PERSONAL[kind])}, missed {missed}")  # noqa: T201
    named = MISSED[kind]
    assert missed == named if isinstance(named, list) else len(missed) == named


@pytest.mark.parametrize("value", NOT_PERSONAL)
def test_what_only_looks_like_personal_data_is_left(value):
    for carrier in CARRIERS:
        assert personal_data(carrier.format(value)) == []


@pytest.mark.parametrize(
    "address",
    [
        *("2a00:1450:4001:81b::200e", "2600::", "2607:F8B0:4004:C07::71", "3fff:ffff::1"),
        *("2a00:1450:4001:081b:0000:0000:0000:200e", "2a02:2e0:3fe:1001:7777:772e:2:85"),
    ],
)
@pytest.mark.parametrize("carrier", [*CARRIERS, "[{}]:443", "from {}, at 12:30"])
def test_an_ipv6_address_is_found_without_anything_else_beside_it(address, carrier):
    text = carrier.format(address)
    assert may_be_personal(hints([text])[0])
    assert [text[f.start : f.end] for f in personal_data(text) if f.kind == "ip"] == [address]


@pytest.mark.parametrize(
    "text",
    [
        *("at 12:30:45 on a day", "2023:10:05 12:30:45", "20:30:45:00:00:00:00:00", "3:2:1:0"),
        *(
            "std::vector<int> v",
            "ab::cd::ef",
            "face::feed",
            "use dec::fade::bed;",
            "a::b",
            "x2001::y",
        ),
        *("3000:3000", "ports 3000:3001:3002:3003", "2022::text is", "::1", "fe80::1", "fd00::2:1"),
        *(
            "00:1b:63:84:45:e6",
            "2001:1b:63:84:45:e6",
            "abc2a00::1",
            ":2a00::1",
            "2a001::1",
            "2a0::1",
        ),
    ],
)
def test_times_scopes_and_ports_are_no_ipv6_addresses(text):
    assert [f for f in personal_data(text) if f.kind == "ip"] == []
    shaped = "2022::" in text  # nothing but the address itself can tell that a word follows
    assert bool(hints([text])[0] & IPV6) == shaped


@pytest.mark.parametrize("text", ["2001:db8::1", "see 2001:db8:0:0:8:800:200c:417a"])
def test_ipv6_addresses_of_documentation_are_nobodys(text):
    assert hints([text])[0] & IPV6
    assert personal_data(text) == []


@pytest.mark.parametrize("kind", SECRETS)
def test_planted_secrets_are_found_on_added_lines_only(kind):
    for line in SECRETS[kind]:
        patch = f"@@ -1,2 +1,3 @@\n a = 1\n+{line}\n b = 2\n"
        found = secrets(patch)
        assert bool(found) == (kind != "in words"), line
        assert all(patch[f.start : f.end] in line for f in found)
        assert secrets(patch.replace("\n+", "\n-")) == []
        assert secrets(patch.replace("\n+", "\n ")) == []
        assert bool(secrets(line)) == bool(found)


@pytest.mark.parametrize("line", NOT_SECRET)
def test_placeholders_and_ordinary_code_are_no_secrets(line):
    assert secrets(line) == []
    assert secrets(f"@@ -1 +1,2 @@\n a\n+{line}\n") == []


def test_a_token_is_found_whole_and_a_key_with_its_block():
    token = next(line for line in SECRETS["GitHub token"]).split()[1]
    assert [token[f.start : f.end] for f in secrets(token)] == [token]
    jwt = SECRETS["JWT"][0]
    assert jwt[secrets(jwt)[0].start :] == jwt.split()[-1]
    key = [
        "-----BEGIN RSA PRIVATE KEY-----",
        "MIIEpAIBAAKCAQEA",
        "7Yk3+/=",
        "-----END RSA PRIVATE KEY-----",
    ]
    patch = "@@ -0,0 +1,5 @@\n" + "".join(f"+{line}\n" for line in [*key, "after = 1"])
    assert [patch[f.start : f.end] for f in secrets(patch)] == key


@cache
def reviewed():
    with gzip.open("tests/data/crscore_py.jsonl.gz", "rt") as file:
        rows = [json.loads(line) for line in file]
    return [row["diff"] for row in rows]


def test_real_diffs_hold_the_addresses_of_their_authors_and_no_secret():
    found = {diff[f.start : f.end] for diff in reviewed() for f in personal_data(diff)}
    assert found == {
        *("pierre.sassoulas@gmail.com", "ashley@awhetter.co.uk", "kimt33@mcmaster.ca"),
        *("ejfine@gmail.com", "abc@def.gserviceaccount.com"),
    }
    assert [f for diff in reviewed() for f in secrets(diff)] == []


def test_nothing_asks_the_network(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("a text must not leave to be looked at")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert personal_data("mail anna.berg@northgatelaw.com")


places = st.builds(
    lambda kind, start, length: Found(kind=kind, start=start, end=start + length),
    st.sampled_from(["email", "card"]),
    st.integers(0, 20),
    st.integers(0, 6),
)


@given(st.lists(places, max_size=6))
def test_places_come_in_order_and_apart(found):
    kept = apart(found)
    assert all(one.end <= other.start for one, other in itertools.pairwise(kept))
    assert set(kept) <= set(found)
    assert all(
        any(each.start < other.end and other.start < each.end for other in kept)
        for each in found
        if each.start < each.end
    )
