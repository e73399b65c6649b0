"""Approvals as people give them: a link of a message, a page in a real browser, the host, a button in Slack."""

import re
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from local.chat.browser import Browser, Page
from local.demo.person import Person, form_of
from local.demo.stage import GROUP, Stage, stage
from remediation import access_settings
from remediation.cases import Case, State
from remediation.tokens import LIFE, Tokens, pinned
from tests.builders import event
from tests.local import chat_pages
from tests.remediation.approving import KEY, SLACK_KEY, SLACK_USER, click, signed

RULE, UNDO = "container-registry/premium-sku", "container-registry/premium-sku/undo"
SECONDS = 30
WIDTHS = (1280, 390)
LAST = "[...document.querySelectorAll('.slack .scroller > .post')].at(-1)"
"""The last message on the chat page that begins a thread."""
SETTINGS = {
    access_settings.SIGNING_KEY: KEY,
    access_settings.SLACK_SIGNING: SLACK_KEY,
    access_settings.SLACK_APPROVERS: SLACK_USER,
}


class Asked:
    """A registry that people are asked about, and what was posted about it."""

    def __init__(self, running: Stage, name: str) -> None:
        self.running, self.name = running, name
        self.resource = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/{name}"
        self.seed("Basic")
        self.see("event-1")
        assert self.case.state is State.ASKED

    def seed(self, sku: str) -> None:
        """Its last change failed: what would be safe is asked."""
        body = {"location": "eastus2", "sku": {"name": sku}, "properties": {"provisioningState": "Failed"}}
        self.running.azure.seed(self.resource, body | {"tags": {"environment": "test"}})

    def see(self, event_id: str) -> None:
        notified = {"aeg-event-type": "Notification"}
        sent = [event(self.resource, event_id)]
        requests.post(self.running.webhook, json=sent, headers=notified, timeout=SECONDS).raise_for_status()
        self.running.settle()

    @property
    def case(self) -> Case:
        return self.running.store.cases(self.resource)[RULE]

    @property
    def link(self) -> str:
        return self.running.link(self.name, "Review and approve")

    @property
    def writes(self) -> int:
        return sum(write.path.lower() == self.resource.lower() for write in self.running.azure.writes())

    def words(self) -> Counter[str]:
        return Counter(entry.what for entry in self.running.store.journal(self.resource))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage(lambda _: None, log=tmp_path_factory.mktemp("approvals") / "host.log", settings=SETTINGS) as up:
        yield up


@pytest.fixture
def case(running: Stage, request: pytest.FixtureRequest) -> Asked:
    return Asked(running, f"acr{abs(hash(request.node.name)) % 10**9}")


def opened(browser: Browser, url: str, who: str = "", width: int = 1280) -> Page:
    """A link that somebody follows, signed in as one of the simulated people."""
    base, _, path = url.partition("/api/")
    login = f"/.auth/login/aad?as={who}&post_login_redirect_uri=/api/{path}"
    page = browser.open(f"{base}{login if who else '/.auth/logout'}", width=width)
    page.wait_until("document.querySelector('h1')")
    if not who:
        page.send("Page.navigate", url=url)
    page.wait_until(f"location.href === {url!r} && document.querySelector('h1')")
    return page


def text(page: Page) -> str:
    return " ".join(str(page.evaluate("document.body.innerText")).split())


def press(page: Page, what: str) -> None:
    """Tick everything, and press a button."""
    page.evaluate("document.querySelectorAll('input[name=confirm]').forEach((each) => each.click())")
    page.evaluate("window.seen = true")
    page.evaluate(f"document.querySelector('input[value={what}]').form.querySelector('button').click()")
    page.wait_until("!window.seen && document.querySelector('h1')")


def test_somebody_approves_on_the_page(browser: Browser, case: Asked) -> None:
    page = opened(browser, case.link, "approver")
    assert "sku.name Basic → Premium" in text(page)
    assert "Signed in as an approver" in text(page)
    press(page, "approve")
    assert "Approved. The next check applies it" in text(page)
    assert page.complaints == []
    case.running.settle()
    assert (case.case.state, case.writes) == (State.FIXED, 1)
    entry = next(each for each in case.running.store.journal(case.resource) if each.what == "approved")
    assert entry.detail["by"] == "an approver"


def test_the_whole_dialogue_goes_on_from_page_to_page(browser: Browser, case: Asked) -> None:
    """Approved, then taken back, from the links of the messages."""
    page = opened(browser, case.link, "approver")
    press(page, "approve")
    case.running.settle()
    page = opened(browser, case.running.link(case.name, "Undo"), "second")
    press(page, "undo")
    assert "People are asked to take it back" in text(page)
    case.running.settle()
    page.evaluate("document.querySelector('a.button').click()")
    page.wait_until("document.querySelector('h1')?.innerText.startsWith('Take back')")
    press(page, "approve")
    case.running.settle()
    assert case.running.store.cases(case.resource)[UNDO].state is State.FIXED
    assert case.case.state is State.UNDONE


def test_somebody_snoozes_or_accepts_it(browser: Browser, case: Asked) -> None:
    page = opened(browser, case.link, "approver")
    press(page, "snooze")
    assert "Snoozed: people are asked again on" in text(page)
    assert case.case.snoozed is not None
    page = opened(browser, case.link, "approver")
    until = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    page.evaluate(f"document.querySelectorAll('input[name=until]').forEach((each) => each.value = '{until}')")
    page.evaluate("document.querySelector('textarea').value = 'it is replaced next month'")
    press(page, "exempt")
    assert "Accepted until the end of" in text(page)
    case.running.settle()
    assert case.case.state is State.EXEMPT


def test_a_stale_link_shows_what_stands_now(browser: Browser, case: Asked) -> None:
    page = opened(browser, case.link, "approver")
    case.seed("Standard")
    press(page, "approve")
    assert "Nothing was done. The resource has changed since it was asked about" in text(page)
    assert "sku.name Standard → Premium" in text(page)
    assert case.case.state is State.ASKED
    press(page, "approve")
    case.running.settle()
    assert (case.case.state, case.writes) == (State.FIXED, 1)


def test_an_expired_link_decides_nothing(browser: Browser, case: Asked) -> None:
    then = datetime.now(UTC) - LIFE - timedelta(minutes=1)
    token = Tokens(KEY, lambda: then).link(pinned(case.case))
    page = opened(browser, f"{case.running.host.url}/api/approvals/{token}", "approver")
    assert "This link has expired: it could be used for 7 days." in text(page)
    assert requests.get(f"{case.running.host.url}/api/approvals/{token}", timeout=SECONDS).status_code == 401
    assert case.case.state is State.ASKED


def test_a_link_is_used_once(browser: Browser, case: Asked) -> None:
    first, second = opened(browser, case.link, "approver"), opened(browser, case.link, "approver")
    press(second, "approve")
    case.running.settle()
    press(first, "approve")
    assert "Nothing was done. This link has been used: an approver" in text(first)
    assert (case.writes, case.words()["approved"]) == (1, 1)


def test_who_lacks_the_role_may_not_decide(browser: Browser, case: Asked) -> None:
    page = opened(browser, case.link, "colleague")
    assert "You may not decide on this" in text(page)
    assert "it takes the app role approver" in text(page)
    assert case.name not in text(page)


def test_without_signing_in_there_is_nothing_to_see(browser: Browser, case: Asked) -> None:
    page = opened(browser, case.link)
    assert ("Sign in to review" in text(page), case.name in text(page)) == (True, False)
    page.evaluate("document.querySelector('a.button').click()")
    page.wait_until("document.title === 'Simulated sign-in'")
    page.evaluate("document.querySelector('a').click()")
    page.wait_until("document.querySelector('input[value=approve]')")
    assert page.evaluate("location.href") == case.link, "and back to it"


def test_a_preview_of_the_link_does_nothing(case: Asked) -> None:
    before, reads = case.case, len(case.running.azure.reads())
    for bot in ("Slackbot-LinkExpanding 1.0", "Mozilla/5.0 (compatible; SkypeUriPreview)"):
        answer = requests.get(case.link, headers={"User-Agent": bot}, timeout=SECONDS)
        assert (answer.status_code, case.name in answer.text) == (401, False)
        assert requests.head(case.link, timeout=SECONDS).status_code == 404
    forged = {"X-MS-CLIENT-PRINCIPAL": Person(case.running.host.url, "approver").forged()}
    assert requests.get(case.link, headers=forged, timeout=SECONDS).status_code == 401, "Easy Auth takes it away"
    assert (case.case, len(case.running.azure.reads())) == (before, reads)


def test_fifty_approvals_at_once_are_one_write(case: Asked) -> None:
    people = [Person(case.running.host.url, ("approver", "second")[number % 2]) for number in range(50)]
    forms = [form_of(person.get(case.link), "approve") for person in people]
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda each: each[0].send(case.link, each[1]), zip(people, forms, strict=True)))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 49}
    refusals = [re.sub(r"<[^>]+>", "", answer.text) for answer in answers if answer.status_code == 409]
    assert all("Not done" in said or "Nothing was done" in said for said in refusals)
    case.running.settle()
    assert (case.writes, case.words()["approved"], case.case.state) == (1, 1, State.FIXED)


def test_a_button_in_slack_approves(case: Asked) -> None:
    body = click("approve_confirmed", case.link.rpartition("/")[2])
    url = f"{case.running.host.url}/api/slack/interactions"
    headers = signed(body, time.time())
    begun = time.monotonic()
    assert requests.post(url, body, headers=headers, timeout=SECONDS).status_code == 200
    assert time.monotonic() - begun < 3, "Slack waits for no longer"
    assert requests.post(url, body, headers=headers, timeout=SECONDS).status_code == 401, "replayed"
    assert requests.post(url, body + b"x", headers=headers, timeout=SECONDS).status_code == 401, "tampered"
    late = signed(body, time.time() - 400)
    assert requests.post(url, body, headers=late, timeout=SECONDS).status_code == 401, "late"
    large = body + b" " * 70_000
    assert requests.post(url, large, headers=signed(large, time.time()), timeout=SECONDS).status_code == 400, "large"
    case.running.settle()
    assert (case.case.state, case.writes) == (State.FIXED, 1)
    assert f"ann (Slack {SLACK_USER})" in case.running.chat.messages[-1].text


def test_the_chat_page_plays_the_whole_dialogue(browser: Browser, case: Asked) -> None:
    """Approved by a click in Slack's message, taken back by the link of the card in Teams."""
    chat = chat_pages.opened(browser, case.running.chat)
    chat_pages.press_and_confirm(chat, "Approve")
    chat.wait_until(f"({LAST}).innerText.includes('FIXED ·') && ({LAST}).querySelector('.thread')")
    case.running.settle()
    chat_pages.follow(chat, case.running.chat)
    assert (case.case.state, case.writes) == (State.FIXED, 1)
    undo = "[...document.querySelectorAll('.teams .ac-pushButton')].findLast((each) => each.innerText === 'Undo')"
    chat.evaluate("window.open = (url) => { window.opened = url }")
    chat.evaluate(f"{undo}.click()")
    page = opened(browser, str(chat.evaluate("window.opened")), "approver")
    press(page, "undo")
    case.running.settle()
    chat.send("Page.bringToFront")
    chat_pages.follow(chat, case.running.chat)
    chat_pages.press_and_confirm(chat, "Approve")
    chat.wait_until(f"({LAST}).innerText.includes('TAKEN BACK ·')")
    assert case.case.state is State.UNDONE
    assert chat.complaints == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("dark", [False, True])
def test_the_page_fits_and_asks_nobody_else(
    browser: Browser, case: Asked, width: int, dark: bool, tmp_path: Path
) -> None:
    page = opened(browser, case.link, "approver", width)
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    page.send("Emulation.setEmulatedMedia", features=[scheme])
    page.evaluate("document.querySelectorAll('details').forEach((each) => each.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.screenshot(tmp_path / "page.png")
    assert page.complaints == []
    assert {url.split("/")[2] for url in page.requested if url.startswith("http")} == {case.link.split("/")[2]}


def test_the_page_is_used_by_keyboard(browser: Browser, case: Asked) -> None:
    page = opened(browser, case.link, "approver")
    reached = "[...document.querySelectorAll('a, input:not([type=hidden]), button, summary')]"
    assert page.evaluate(f"{reached}.every((each) => each.tabIndex === 0)")
    named = "[...document.querySelectorAll('input:not([type=hidden]), textarea')]"
    assert page.evaluate(f"{named}.every((each) => each.labels.length === 1)")


def test_the_simulated_sign_in_leads_nowhere_else(running: Stage) -> None:
    for elsewhere in ("https://evil.example", "//evil.example", "/\\evil.example"):
        asked = {"as": "approver", "post_login_redirect_uri": elsewhere}
        answer = requests.get(f"{running.host.url}/.auth/login/aad", asked, allow_redirects=False, timeout=SECONDS)
        assert (answer.status_code, answer.headers["Location"]) == (302, "/")


def test_tokens_stay_out_of_the_log(running: Stage, case: Asked) -> None:
    token = case.link.rpartition("/")[2]
    requests.get(case.link, timeout=SECONDS)
    assert token not in running.log.read_text()
    assert KEY not in running.log.read_text()
    assert SLACK_KEY not in running.log.read_text()
