"""Why near matters: how far a pole leans at which round trip, over perfect and lossy links, drawn as one picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from balancing import LOSS, leans_over

from thenar.adapters.simulation.balance import FALLEN, stands_at

PERIOD, SECONDS = 0.02, 20.0
LATENCIES = (0, 2, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 60, 80, 100, 120)
LINKS = (5, 10, 20, 30, 40, 50, 60, 80)
"""Round trips of lossy links, ms."""
SEEDS = (5, 6)
WIDTH, HEIGHT, LEFT, BOTTOM = 640, 320, 60, 250
SERIES = (("#555", "no loss"), ("#b26a00", "1 % lost, one node"), ("#00695c", "1 % lost, two nodes asked together"))

Leans = dict[int, float]


def draw(path: Path) -> dict[str, Any]:
    """Balance at every latency and over every link, write the picture, and return what a report keeps."""
    perfect = {ms: min(stands_at(ms / 1_000, PERIOD, SECONDS).worst, FALLEN) for ms in LATENCIES}
    one, two = ({ms: _worst(ms, lines) for ms in LINKS} for lines in (1, 2))
    path.write_text(picture([perfect, one, two]), encoding="utf-8")
    told = dict(zip(("no loss", "one node", "two nodes"), (perfect, one, two), strict=True))
    detail = {
        "stands_at_5": two[5] < FALLEN,
        "stands_at_20": two[20] < FALLEN,
        "stands_at_80": two[80] < FALLEN,
        "falls_from_ms": {name: _falls_from(leans) for name, leans in told.items()},
        "link": f"in process, virtual time, the robot's own lines, {LOSS:.0%} of frames 200 ms late",
        "plot": path.name,
        "seconds": SECONDS,
        "seeds": len(SEEDS),
        "rate": round(1 / PERIOD),
        "worst_lean_rad": {
            name: {str(ms): round(lean, 3) for ms, lean in leans.items()} for name, leans in told.items()
        },
    }
    last = max((ms for ms in LINKS if ms < _falls_from(two)), default=0)
    return {"value": float(last), "unit": "ms", "target": 20.0, "better": "higher", "detail": detail}


def _worst(ms: int, lines: int) -> float:
    return min(FALLEN, max(leans_over(ms / 1_000, lines, PERIOD, SECONDS, seed=seed).worst for seed in SEEDS))


def _falls_from(leans: Leans) -> int:
    return next((ms for ms, lean in leans.items() if lean >= FALLEN), max(leans) + 1)


def picture(series: list[Leans]) -> str:
    """The worst lean over the round trip, as SVG."""
    marks = "".join(
        f'<text x="{_at(ms, 0)[0]:.1f}" y="{BOTTOM + 18}" text-anchor="middle">{ms}</text>' for ms in range(0, 121, 20)
    )
    lines = "".join(_line(leans, color) for leans, (color, _) in zip(series, SERIES, strict=True))
    names = "".join(
        f'<text x="{LEFT + 10 + 170 * place}" y="{BOTTOM + 62}" fill="{color}">● {name}</text>'
        for place, (color, name) in enumerate(SERIES)
    )
    top = _at(0, FALLEN)[1]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="12">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>'
        f'<line x1="{LEFT}" y1="{BOTTOM}" x2="{WIDTH - 20}" y2="{BOTTOM}" stroke="black"/>'
        f'<line x1="{LEFT}" y1="{top}" x2="{WIDTH - 20}" y2="{top}" stroke="#b00020" stroke-dasharray="4"/>'
        f'<text x="{LEFT + 4}" y="{top - 6}" fill="#b00020">fallen: {FALLEN} rad</text>{lines}{marks}{names}'
        f'<text x="{WIDTH / 2}" y="{BOTTOM + 40}" text-anchor="middle">'
        "milliseconds from observation to action, 50 Hz</text>"
        f'<text x="16" y="{BOTTOM / 2 + 20}" transform="rotate(-90 16 {BOTTOM / 2 + 20})" text-anchor="middle">'
        "worst lean, rad</text></svg>\n"
    )


def _at(latency: float, lean: float) -> tuple[float, float]:
    return LEFT + latency / max(LATENCIES) * (WIDTH - LEFT - 20), BOTTOM - lean / FALLEN * (BOTTOM - 30)


def _line(leans: Leans, color: str) -> str:
    points = [_at(latency, lean) for latency, lean in leans.items()]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{color}"/>' for x, y in points)
    return f'<polyline points="{path}" fill="none" stroke="{color}"/>{dots}'
