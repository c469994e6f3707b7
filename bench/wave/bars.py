"""Horizontal bars as SVG, readable on white and on black pages."""

from html import escape

_BAR, _GAP, _LEFT, _WIDTH, _TOP = 18, 8, 220, 760, 30


def bars(title: str, unit: str, rows: list[tuple[str, float, float, float]], marked: str) -> str:
    """One bar for each (name, median, least, most), the last two as a thin line; names that begin with `marked` stand out."""
    scale = (_WIDTH - _LEFT - 90) / max((row[3] for row in rows), default=1)
    height = _TOP + len(rows) * (_BAR + _GAP) + _GAP
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" '
             'font-family="sans-serif" font-size="13">',
             f'<title>{escape(title)}</title>',
             f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
             f'<text x="8" y="20" font-weight="bold" fill="#1a1a1a">{escape(title)}</text>']
    for number, (name, median, least, most) in enumerate(rows):
        y = _TOP + number * (_BAR + _GAP)
        middle = y + _BAR / 2
        colour = "#1f6feb" if name.startswith(marked) else "#8c959f"
        end = _LEFT + median * scale
        lines += [
            f'<text x="{_LEFT - 8}" y="{middle + 4.5}" text-anchor="end" fill="#1a1a1a">{escape(name)}</text>',
            f'<rect x="{_LEFT}" y="{y}" width="{max(1.0, end - _LEFT):.1f}" height="{_BAR}" fill="{colour}"/>',
            f'<path d="M{_LEFT + least * scale:.1f} {middle}H{_LEFT + most * scale:.1f}" stroke="#1a1a1a"/>',
            f'<text x="{_LEFT + most * scale + 6:.1f}" y="{middle + 4.5}" fill="#1a1a1a">{median:.2f} {escape(unit)}</text>']
    return "\n".join([*lines, "</svg>", ""])
