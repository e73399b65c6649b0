"""What counts as the same value, however Azure spells it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation.alike import alike, holds

ALIKE: dict[str, tuple[Any, Any, bool]] = {
    "the same": (7, 7, True),
    "another": (7, 8, False),
    "a region by either name": ("North Europe", "northeurope", True),
    "another region": ("North Europe", "westeurope", False),
    "absent, and off": (None, False, True),
    "absent, and on": (None, True, False),
    "absent, and a policy that is off": (None, {"enabled": False, "days": 0}, True),
    "absent, and a policy that is on": (None, {"enabled": True}, False),
    "on, and one": (True, 1, False),
    "objects, one of which leaves out what is off": ({"a": 1}, {"a": 1, "b": False}, True),
    "objects that differ": ({"a": 1}, {"a": 1, "b": True}, False),
    "lists": (["West Europe"], ["westeurope"], True),
    "lists of another length": ([1], [1, 2], False),
    "a list, and an object": ([1], {"a": 1}, False),
}
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)


@pytest.mark.parametrize(("found", "wanted", "same"), ALIKE.values(), ids=ALIKE)
def test_alike(found: Any, wanted: Any, same: bool) -> None:
    assert alike(found, wanted) is same
    assert alike(wanted, found) is same


@given(values)
def test_everything_is_like_itself(value: Any) -> None:
    assert alike(value, value)
    assert holds(value, value)


def test_a_body_holds_what_is_in_it_whatever_else_is() -> None:
    body = {"properties": {"regions": [{"name": "West Europe", "id": "x"}], "on": True}}
    assert holds(body, {"properties": {"regions": [{"name": "westeurope"}]}})
    assert holds(body, {"properties": {"off": False}})
    assert not holds(body, {"properties": {"regions": [{"name": "westeurope"}, {"name": "northeurope"}]}})
    assert not holds(None, {"properties": {"on": True}})
    assert not holds(["a"], {"a": "b"})
