"""The pictures of the page as SVG: how the score went, and where it stands. Pure; numbers only, so nothing to escape.

Colours come from the page's style sheet by class, so that they follow its light and dark modes.
"""

from collections.abc import Sequence
from typing import Final

from remediation.report.model import Trend

WIDTH: Final = 640
HEIGHT: Final = 190
LEFT: Final = 40
RIGHT: Final = 24
TOP: Final = 24
BOTTOM: Final = 28
MARKS: Final = (0, 50, 100)
RADIUS: Final = 52
AROUND: Final = 326.73
"""2 π RADIUS: the length of the ring."""

type Point = tuple[float, float]


def trend(scores: Trend) -> str:
    """A line of scores by day, with an area below; empty for fewer than two days, which are no trend."""
    if len(scores) < 2:
        return ""
    points = _points(scores)
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    (first_x, _), (last_x, last_y) = points[0], points[-1]
    said = f"The score went from {scores[0][1]} to {scores[-1][1]} percent in {len(scores)} scans."
    parts = (
        f'<svg class="trend" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{said}">',
        *map(_mark, MARKS),
        f'<polygon class="area" points="{first_x:.1f},{_y(0):.1f} {line} {last_x:.1f},{_y(0):.1f}"/>',
        f'<polyline class="line" points="{line}"/>',
        f'<circle class="dot" cx="{last_x:.1f}" cy="{last_y:.1f}" r="5"/>',
        _label(first_x, HEIGHT - 6, "start", f"{scores[0][0]:%d %b %Y}"),
        _label(last_x, HEIGHT - 6, "end", f"{scores[-1][0]:%d %b %Y}"),
        _label(last_x, last_y - 12, "end", f"{scores[-1][1]} %", "value"),
        "</svg>",
    )
    return "".join(parts)


def ring(percent: int | None) -> str:
    """The score as a ring that closes at 100."""
    filled = AROUND * (percent or 0) / 100
    shown = "–" if percent is None else str(percent)
    said = "There is no score yet." if percent is None else f"The score is {percent} of 100 percent."
    return (
        f'<svg class="ring" viewBox="0 0 128 128" role="img" aria-label="{said}">'
        f'<circle class="track" cx="64" cy="64" r="{RADIUS}"/>'
        f'<circle class="{grade(percent)}" cx="64" cy="64" r="{RADIUS}" transform="rotate(-90 64 64)" '
        f'stroke-dasharray="{filled:.2f} {AROUND}"/>'
        f'<text x="64" y="74" text-anchor="middle">{shown}</text></svg>'
    )


def grade(percent: int | None) -> str:
    """The word that colours a score: good from 90, fair from 60, else poor."""
    if percent is None:
        return "none"
    return "good" if percent >= 90 else "fair" if percent >= 60 else "poor"


def _points(scores: Trend) -> Sequence[Point]:
    """Days at their distance from each other; two scans of one day lie on one another."""
    first, last = scores[0][0], scores[-1][0]
    days = max((last - first).days, 1)
    across = WIDTH - LEFT - RIGHT
    return [(LEFT + across * (day - first).days / days, _y(percent)) for day, percent in scores]


def _y(percent: int) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * percent / 100


def _mark(percent: int) -> str:
    y = _y(percent)
    rule = f'<line class="mark" x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}"/>'
    return rule + _label(LEFT - 8, y + 4, "end", str(percent))


def _label(x: float, y: float, anchor: str, text: str, kind: str = "label") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>'
