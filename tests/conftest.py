"""Parts that tests of several folders use.

Hypothesis' first draw takes seconds where its cache is empty, as in a fresh clone: that is no fault of a test.
"""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from local.chat.browser import Browser, find_chromium

settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("hostile", settings.get_profile("unhurried"), max_examples=1000)
settings.load_profile("unhurried")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser, for the tests of one file."""
    chromium = find_chromium()
    if chromium is None:
        pytest.skip("no Chromium on the PATH, and the npm package @sparticuz/chromium could not be installed")
    with Browser(chromium) as running:
        yield running
