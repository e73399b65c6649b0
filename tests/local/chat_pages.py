"""The chat page in a browser, and people who press the buttons of Slack's messages on it."""

from local.chat import ChatServer
from local.chat.browser import Browser, Page


def opened(browser: Browser, chat: ChatServer, width: int = 1400) -> Page:
    """The page, once it shows every message that there is."""
    page = browser.open(f"{chat.url}/", width=width)
    follow(page, chat)
    return page


def follow(page: Page, chat: ChatServer) -> None:
    """Wait until it shows every message that there is by now."""
    page.wait_until(f"document.querySelectorAll('.post').length >= {len(chat.messages)}")


def press(page: Page, title: str, within: str = ".post") -> None:
    """Press the last button with this title."""
    page.evaluate(f"{_buttons(within)}.findLast((each) => each.innerText === '{title}').click()")


def press_and_confirm(page: Page, title: str) -> None:
    """Press a button that asks a question, and say yes to it."""
    press(page, title)
    page.wait_until("document.querySelector('dialog[open]')")
    page.evaluate("document.querySelector('dialog .primary').click()")
    page.wait_until("!document.querySelector('dialog')")


def choose(page: Page, user: str) -> None:
    """Be somebody else."""
    put = "Object.getOwnPropertyDescriptor(HTMLSelectElement.prototype, 'value').set.call"
    page.evaluate(
        f"(() => {{ const select = document.querySelector('.who select'); {put}(select, '{user}');"
        " select.dispatchEvent(new Event('change', { bubbles: true })); })()"
    )


def shown(page: Page, selector: str) -> list[str]:
    """What the elements say, in their order."""
    return list(page.evaluate(f"[...document.querySelectorAll('{selector}')].map((each) => each.innerText)"))


def titles(page: Page) -> list[str]:
    """The titles of all buttons of Slack's messages."""
    return list(page.evaluate(f"{_buttons('.post')}.map((each) => each.innerText)"))


def _buttons(within: str) -> str:
    return f"[...document.querySelectorAll('{within} .slack-button')]"
