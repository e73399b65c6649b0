"""Pages for a browser: HTML of templates in this folder, without scripts and with nothing loaded from anywhere.

All texts are escaped by the templates. Jinja2 is imported at the first page: most workers never show one.
"""

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from jinja2 import Environment

FOLDER: Final = Path(__file__).resolve().parent


def render(template: str, **context: object) -> str:
    """A page of this folder."""
    return _environment().get_template(template).render(**context)


@cache
def headers() -> Mapping[str, str]:
    """What a browser must not do with a page: run anything, load anything, frame it, keep it, or tell where it was.

    `same-origin`, because with `no-referrer` a browser would send its forms with `Origin: null`.
    """
    style = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return {
        "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{style}'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'",
        "Cache-Control": "no-store",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "X-Robots-Tag": "noindex, nofollow",
    }


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["style"] = _style
    return made


@cache
def _style() -> str:
    return (FOLDER / "page.css").read_text(encoding="utf-8")
