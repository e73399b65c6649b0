"""The report in a real headless Chromium: by keyboard, on a phone, in print, with hostile names, and long ones."""

from dataclasses import replace
from pathlib import Path

import pytest

from local.chat.browser import Browser, Page
from remediation.report import render
from remediation.report.model import Report, report
from rules.model import Role, Use
from tests.builders import WORKSPACE_ID
from tests.report_estate import a_report, estate, results

HOSTILE = "</script><script>window.hit=1</script><img src=x onerror=window.hit=1>"
DESKTOP, PHONE = 1280, 390


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> "Opened":
    return Opened(browser, tmp_path / "report.html")


class Opened:
    """Writes a report and opens it."""

    def __init__(self, browser: Browser, file: Path) -> None:
        self._browser, self.file = browser, file

    def __call__(self, shown: Report | None = None, width: int = DESKTOP, *, dark: bool = False) -> Page:
        self.file.write_text(render.page(shown or a_report()), encoding="utf-8")
        page = self._browser.open(f"file://{self.file}", width=width, dark=dark)
        page.wait_until("document.readyState === 'complete'")
        return page


def visible(page: Page) -> int:
    """How many findings are shown."""
    return int(page.evaluate("[...document.querySelectorAll('.finding')].filter((row) => row.offsetHeight).length"))


def press(page: Page, key: str, text: str = "") -> None:
    code = {"Tab": 9, "Enter": 13, " ": 32, "ArrowRight": 39}[key]
    known = {"key": key, "code": "Space" if key == " " else key, "windowsVirtualKeyCode": code}
    page.send("Input.dispatchKeyEvent", type="keyDown", **known, text=text)
    page.send("Input.dispatchKeyEvent", type="keyUp", **known)


def write(page: Page, text: str) -> None:
    page.send("Input.insertText", text=text)


def focused(page: Page) -> str:
    return str(page.evaluate("(document.activeElement.id || document.activeElement.innerText).split('\\n')[0]"))


def go_to(page: Page, selector: str) -> None:
    """Press Tab until an element has the focus."""
    for _ in range(60):
        if page.evaluate(f"document.activeElement.matches({selector!r})"):
            return
        press(page, "Tab")
    raise AssertionError(f"{selector} cannot be reached by keyboard")


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
@pytest.mark.parametrize("dark", [False, True])
def test_the_page_fits_complains_of_nothing_and_asks_for_nothing(opened: Opened, width: int, *, dark: bool) -> None:
    page = opened(width=width, dark=dark)
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.complaints == []
    assert page.requested == [f"file://{opened.file}"]


def test_the_first_key_leads_past_the_overview_and_workspaces_open_by_keyboard(opened: Opened) -> None:
    page = opened()
    press(page, "Tab")
    assert focused(page) == "Skip to the findings"
    go_to(page, "details.workspace:not([open]) > summary")
    press(page, "Enter", "\r")
    page.wait_until("document.activeElement.parentElement.open")


def test_findings_are_filtered_by_keyboard(opened: Opened) -> None:
    page = opened()
    counts = {kind: page.evaluate(f"document.querySelectorAll('.is-{kind}').length") for kind in ("HIGH", "MEDIUM")}
    assert visible(page) > counts["HIGH"] > 0
    go_to(page, "#only-all")
    for kind, count in counts.items():
        press(page, "ArrowRight")
        assert focused(page) == f"only-{kind}"
        assert visible(page) == count


def test_findings_are_searched_by_every_word(opened: Opened) -> None:
    page = opened()
    go_to(page, "#search")
    write(page, "VISION tier")
    page.wait_until("document.getElementById('shown').innerText")
    assert visible(page) == 1
    assert "aks-vision" in page.evaluate("document.querySelector('.finding:not([hidden])').innerText")
    write(page, " nowhere")
    page.wait_until("document.getElementById('shown').innerText.startsWith('0 of')")
    assert visible(page) == 0
    page.evaluate("box.value = ''; search()")
    assert (visible(page), page.evaluate("shown.textContent")) == (16, "")


def test_without_findings_there_is_nothing_to_search(opened: Opened) -> None:
    page = opened(report([]))
    assert page.evaluate("document.getElementById('search')") is None
    assert page.complaints == []


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_hostile_names_stay_text(opened: Opened, width: int) -> None:
    bad = [
        replace(each, resource_id=f"{each.resource_id}{HOSTILE}", because=HOSTILE, location=HOSTILE, title=HOSTILE)
        for each in results(estate())
    ]
    uses = (Use(Role.DEFAULT_STORAGE, f"{WORKSPACE_ID}{HOSTILE}" * 3),)
    page = opened(report([*bad, replace(bad[0], uses=uses)]), width)
    assert page.evaluate("document.querySelectorAll('img, script').length") == 1
    assert page.evaluate("window.hit") is None
    assert "<script>window.hit=1</script>" in page.evaluate("document.querySelector('.finding').innerText")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert (page.complaints, len(page.requested)) == ([], 1)


def test_a_thousand_findings_are_still_searched_at_once(opened: Opened) -> None:
    failed = [each.result for each in a_report().findings]
    many = [replace(failed[number % len(failed)], resource_id=f"/r/name-{number:04}") for number in range(1000)]
    page = opened(report(many), PHONE)
    page.evaluate("box.focus()")
    write(page, "name-0777")
    page.wait_until("document.getElementById('shown').innerText === '1 of 1000 match'", timeout=5)
    assert visible(page) == 1
    assert page.complaints == []


def test_in_print_all_workspaces_are_open_and_tools_are_gone(opened: Opened) -> None:
    page = opened()
    page.send("Emulation.setEmulatedMedia", media="print")
    assert page.evaluate("document.querySelector('nav').offsetHeight") == 0
    assert page.evaluate("document.querySelector('.tools').offsetHeight") == 0
    heights = page.evaluate("[...document.querySelectorAll('.workspace > .inside')].map((each) => each.offsetHeight)")
    assert len(heights) == 3
    assert min(heights) > 100


def test_colours_can_be_read_in_both_modes(opened: Opened) -> None:
    """WCAG 2.2, 1.4.3: a contrast of 4.5 for text on cards and on paper."""
    script = """(() => {
      const light = (name) => {
        const probe = document.createElement('i'); probe.style.color = `var(--${name})`; document.body.append(probe);
        const [r, g, b] = getComputedStyle(probe).color.match(/[\\d.]+/g).map((each) => {
          const c = each / 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4 });
        probe.remove(); return 0.2126 * r + 0.7152 * g + 0.0722 * b };
      const names = ['ink', 'soft', 'accent', 'good', 'fair', 'poor', 'high', 'medium', 'low', 'unknown'];
      const all = names.flatMap((ink) => ['card', 'paper'].map((ground) => {
        const [a, b] = [light(ink), light(ground)].sort((x, y) => y - x);
        return [ink + ' on ' + ground, (a + 0.05) / (b + 0.05)] }));
      return all.filter(([, contrast]) => contrast < 4.5).map(([name]) => name) })()"""
    for dark in (False, True):
        assert opened(dark=dark).evaluate(script) == []
