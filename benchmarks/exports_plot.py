"""Draws lines over pages into an SVG that reads on light and on dark pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log10
from pathlib import Path
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 760, 440
LEFT, RIGHT, TOP, BOTTOM = 64, 176, 56, 56
COLOURS = ("#d97706", "#db2777", "#8b5cf6", "#0284c7", "#16a34a")
"""Each is told from both backgrounds; the labels at the ends tell the lines apart without colours."""
LABEL_HEIGHT = 16
FONTS = "system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif"
STYLE = """
    .paper { fill: #ffffff; }
    text { fill: #1f2937; font-size: 13px; }
    .title { font-size: 15px; font-weight: 600; }
    .small { fill: #4b5563; font-size: 12px; }
    .label { stroke: #ffffff; stroke-width: 5; paint-order: stroke; }
    .grid { stroke: #e5e7eb; stroke-width: 1; }
    .bound { stroke: #6b7280; stroke-width: 1.2; stroke-dasharray: 5 4; }
    .line { fill: none; stroke-width: 2; }
    .ours { stroke-width: 3.5; }
    @media (prefers-color-scheme: dark) {
      .paper { fill: #111827; }
      text { fill: #f3f4f6; }
      .label { stroke: #111827; }
      .small { fill: #9ca3af; }
      .grid { stroke: #374151; }
    }
"""


@dataclass(frozen=True)
class Series:
    """One line: `points` are (pages, megabytes), by rising pages."""

    name: str
    points: tuple[tuple[int, float], ...]
    ours: bool = False


def draw(path: Path, series: Sequence[Series], *, bound: float = 48.0) -> None:
    """Write the picture, with a dashed line at `bound` megabytes."""
    path.write_text(f"{chr(10).join(_picture(series, bound))}\n")


def _picture(series: Sequence[Series], bound: float) -> Iterator[str]:
    last = max(pages for one in series for pages, _ in one.points)
    # Logarithmic: 500 MB and 10 MB both have to be seen.
    values = [value for one in series for _, value in one.points] + [bound]
    bottom = 1.0 if min(values) < 10 else 10.0
    decades = log10(max(values) * 1.15 / bottom)

    def x(pages: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * pages / last, 1)

    def y(value: float) -> float:
        share = log10(max(value, bottom) / bottom) / decades
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share, 1)

    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="title desc"'
    yield f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="{FONTS}">'
    yield '  <title id="title">Peak memory of an export over its number of pages</title>'
    yield f'  <desc id="desc">{escape(_words(series))}</desc>'
    yield f"  <style>{STYLE}  </style>"
    yield f'  <rect class="paper" width="{WIDTH}" height="{HEIGHT}" rx="8"/>'
    yield f'  <text class="title" x="{LEFT}" y="28">Peak memory above the idle process, MB (logarithmic)</text>'
    for value in _ticks(bottom, bottom * 10**decades):
        yield f'  <path class="grid" d="M{LEFT} {y(value)}H{WIDTH - RIGHT}"/>'
        yield f'  <text class="small" x="{LEFT - 8}" y="{y(value) + 4}" text-anchor="end">{value:g}</text>'
    for pages in sorted({pages for one in series for pages, _ in one.points}):
        place = f'x="{x(pages)}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle"'
        yield f'  <text class="small" {place}>{pages:,}</text>'
    middle = (LEFT + WIDTH - RIGHT) / 2
    yield f'  <text class="small" x="{middle:g}" y="{HEIGHT - 14}" text-anchor="middle">pages of 1000 devices</text>'
    yield f'  <path class="bound" d="M{LEFT} {y(bound)}H{WIDTH - RIGHT}"/>'
    yield f'  <text class="small" x="{LEFT + 4}" y="{y(bound) + 15}">bound: {bound:g} MB</text>'
    labels = _apart([(y(one.points[-1][1]), one) for one in series])
    for colour, one in zip(COLOURS, series, strict=False):
        points = [(x(pages), y(value)) for pages, value in one.points]
        ours = " ours" if one.ours else ""
        path = "L".join(f"{across} {down}" for across, down in points)
        yield f'  <path class="line{ours}" stroke="{colour}" d="M{path}"/>'
        for across, down in points:
            yield f'  <circle cx="{across}" cy="{down}" r="{4 if one.ours else 3}" fill="{colour}"/>'
        down, value = labels[one.name], one.points[-1][1]
        weight = ' font-weight="600"' if one.ours else ""
        yield (
            f'  <text class="label" x="{points[-1][0] + 10}" y="{down + 4:g}"{weight} style="fill: {colour}">'
            f"{escape(one.name)}: {value:.0f}</text>"
        )
    yield "</svg>"


def _apart(labels: list[tuple[float, Series]]) -> dict[str, float]:
    """Push labels that end at the same page apart, downwards, in the order of their lines."""
    found: dict[str, float] = {}
    lowest: dict[int, float] = {}
    for down, one in sorted(labels, key=lambda label: label[0]):
        end = one.points[-1][0]
        found[one.name] = lowest[end] = max(down, lowest.get(end, 0.0) + LABEL_HEIGHT)
    return found


def _ticks(lowest: float, highest: float) -> Iterator[float]:
    decade = lowest
    while decade <= highest:
        yield from (decade * step for step in (1, 2, 5) if decade * step <= highest)
        decade *= 10


def _words(series: Sequence[Series]) -> str:
    ends = "; ".join(f"{one.name}: {one.points[-1][1]:.0f} MB at {one.points[-1][0]} pages" for one in series)
    return f"{ends}."
