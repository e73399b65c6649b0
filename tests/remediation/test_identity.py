"""Who Easy Auth says it is: what is not certain is nobody."""

import base64
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation.identity import HEADER, LONGEST_HEADER, Principal
from remediation.identity import principal as read
from remediation.texts import LONGEST_NAME
from tests.remediation.approving import header

OID = "http://schemas.microsoft.com/identity/claims/objectidentifier"
LONG_ROLE = "http://schemas.microsoft.com/ws/2008/06/identity/claims/role"
MAIL = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress"


def claims(*pairs: tuple[Any, Any], provider: object = "aad") -> str:
    return header({"auth_typ": provider, "claims": [{"typ": typ, "val": value} for typ, value in pairs]})


KNOWN: Mapping[str, tuple[str, Principal]] = {
    "with a role": (
        claims((OID, "object-1"), ("name", "Ann"), ("roles", "approver"), ("roles", "reader")),
        Principal("Ann", "object-1", frozenset({"approver", "reader"})),
    ),
    "with a role under its long name": (
        claims((OID, "object-1"), (LONG_ROLE, "approver")),
        Principal("object-1", "object-1", frozenset({"approver"})),
    ),
    "under short names": (claims(("oid", "object-1"), ("name", "Ann")), Principal("Ann", "object-1", frozenset())),
    "by the name that tells people apart": (
        claims((OID, "o"), ("name", "Ann"), (MAIL, "a@example.com"), ("preferred_username", "ann@example.com")),
        Principal("ann@example.com", "o", frozenset()),
    ),
    "whose claims are strange": (
        header(
            {"auth_typ": "aad", "claims": [None, "x", {"typ": "roles"}, {"typ": OID, "val": "o"}, {"val": "approver"}]}
        ),
        Principal("o", "o", frozenset()),
    ),
    "with a role that is no text": (claims((OID, "o"), ("roles", ["approver"])), Principal("o", "o", frozenset())),
    "with a name that is too long and on two lines": (
        claims((OID, "o"), ("name", "a\n" + "b" * 300)),
        Principal(("a " + "b" * 300)[:LONGEST_NAME], "o", frozenset()),
    ),
    "with half a character in the name": (claims((OID, "o"), ("name", "a\ud800")), Principal("a?", "o", frozenset())),
}


@pytest.mark.parametrize(("sent", "who"), KNOWN.values(), ids=KNOWN)
def test_somebody_is_known(sent: str, who: Principal) -> None:
    assert read({HEADER: sent}) == who


NOBODY: Mapping[str, str] = {
    "nothing": "",
    "no base64": "{}",
    "no JSON": base64.b64encode(b"{").decode(),
    "deep JSON": base64.b64encode(b"[" * 40_000).decode(),
    "no object": header([1]),
    "no claims": header({"auth_typ": "aad"}),
    "claims that are no list": header({"auth_typ": "aad", "claims": {"oid": "o"}}),
    "no object id": claims(("name", "Ann"), ("roles", "approver")),
    "an empty object id": claims((OID, ""), ("roles", "approver")),
    "another provider": claims((OID, "o"), ("roles", "approver"), provider="github"),
    "no provider": claims((OID, "o"), ("roles", "approver"), provider=None),
    "too much": claims((OID, "o"), ("name", "a" * LONGEST_HEADER)),
}


@pytest.mark.parametrize("sent", NOBODY.values(), ids=NOBODY)
def test_somebody_is_not_known(sent: str) -> None:
    assert read({HEADER: sent}) is None


def test_without_the_header_nobody_is_known() -> None:
    assert read({"authorization": "Bearer x", "x-ms-client-principal-id": "object-1"}) is None


@given(st.text() | st.binary().map(lambda data: base64.b64encode(data).decode()))
def test_whatever_is_sent_is_answered(sent: str) -> None:
    assert read({HEADER: sent}) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON)
def test_whatever_claims_there_are_they_are_answered(data: object) -> None:
    assert read({HEADER: header({"auth_typ": "aad", "claims": data})}) is None
