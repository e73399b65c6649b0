"""Somebody who follows a link of a message, signs in and presses a button, as a browser would send it."""

import html
import re
from dataclasses import dataclass, field

import requests

from local.functions_host.easy_auth import LOGIN, PEOPLE

SECONDS = 30

type Fields = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Person:
    """One of the people of the simulated sign-in, with a browser of their own. `host` is the URL of the functions
    host."""

    host: str
    who: str
    browser: requests.Session = field(default_factory=requests.Session)

    def get(self, link: str) -> str:
        """The page behind a link, signed in. Raises requests.RequestException."""
        self.browser.get(f"{self.host}{LOGIN}", params={"as": self.who}, allow_redirects=False, timeout=SECONDS)
        page = self.browser.get(link, timeout=SECONDS)
        page.raise_for_status()
        return page.text

    def send(self, link: str, fields: Fields) -> requests.Response:
        """Send a form of the page."""
        return self.browser.post(link, data=fields, headers={"Origin": self.host}, timeout=SECONDS)

    def decide(self, link: str, what: str) -> None:
        """Open the page, tick what it takes, and press the button. Raises requests.RequestException."""
        self.send(link, form_of(self.get(link), what)).raise_for_status()

    def forged(self) -> str:
        """The header that Easy Auth would set for this person."""
        return PEOPLE[self.who].principal


def form_of(page: str, what: str) -> Fields:
    """The fields of a form of the page, every box ticked."""
    (form,) = re.findall(r'name="form" value="([^"]+)">\s*<input type="hidden" name="what" value="' + what, page)
    ticks = re.findall(r'name="confirm" value="(\d+)"', page)
    return [("form", html.unescape(form)), ("what", what), *(("confirm", tick) for tick in ticks)]
