"""The api-version of every type: its own, or that of its parent."""

import pytest

from remediation.api_versions import API_VERSIONS, api_version


def test_a_child_has_the_version_of_its_parent() -> None:
    assert api_version("microsoft.sql/servers/databases") == API_VERSIONS["microsoft.sql/servers"]
    assert api_version("microsoft.storage/storageaccounts") == API_VERSIONS["microsoft.storage/storageaccounts"]


@pytest.mark.parametrize("kind", ["microsoft.x/ys", "microsoft.x/ys/zs", "microsoft.x"])
def test_a_type_that_nothing_is_pinned_for_has_none(kind: str) -> None:
    with pytest.raises(KeyError):
        api_version(kind)
