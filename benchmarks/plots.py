"""Plots of a whole run, as images in docs/images, made from the written result."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.results import Point

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
_INCHES = (7.2, 4.0)
_OURS = "#1a5fb4"
_OTHERS = ("#c64600", "#813d9c", "#26a269", "#865e3c", "#77767b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """One image. Curves whose name begins with `ours` are drawn in our colour."""

    name: str
    title: str
    x: str
    y: str
    is_logarithmic: bool = True


PAGE_BY_DEPTH = Plot(
    name="page-by-depth",
    title="A page of 50 rows, by how deep it lies",
    x="depth, % of the rows",
    y="ms",
    is_logarithmic=False,
)
PAGE_BY_ROWS = Plot(
    name="page-by-rows", title="A page of 50 rows at a random depth", x="rows", y="ms"
)
FILTER_BY_ROWS = Plot(
    name="filter-by-rows",
    title="A filter never seen before: exact count and first page",
    x="rows",
    y="ms",
)
ORDER_BY_ROWS = Plot(
    name="order-by-rows",
    title="An order by a number never seen before: a page at a random depth",
    x="rows",
    y="ms",
)
VALIDATE_BY_EVENTS = Plot(
    name="validate-by-events",
    title="Validate and recover a session, by the length of its log",
    x="events",
    y="ms",
)
APPEND_BY_CLIENTS = Plot(
    name="append-by-clients",
    title="Durable events a second, by clients at once",
    x="clients",
    y="events a second",
    is_logarithmic=False,
)
MEMORY_UNDER_LOAD = Plot(
    name="memory-under-load",
    title="Memory of the web processes, with 16 clients at once",
    x="minutes",
    y="MB",
    is_logarithmic=False,
)
PLOTS = (
    PAGE_BY_DEPTH,
    PAGE_BY_ROWS,
    FILTER_BY_ROWS,
    ORDER_BY_ROWS,
    VALIDATE_BY_EVENTS,
    APPEND_BY_CLIENTS,
    MEMORY_UNDER_LOAD,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A plot that was drawn. The title also stands for it where it cannot be seen."""

    title: str
    path: Path


def draw(points: Sequence[Point], directory: Path = IMAGES) -> list[Image]:
    """Draw each plot that has points."""
    directory.mkdir(parents=True, exist_ok=True)
    drawn = []
    for plot in PLOTS:
        its = [point for point in points if point.plot == plot.name]
        if its:
            path = directory / f"{plot.name}.svg"
            _draw(plot, its, path)
            drawn.append(Image(title=plot.title, path=path))
    return drawn


def _draw(plot: Plot, points: Iterable[Point], path: Path) -> None:
    import matplotlib

    matplotlib.use("svg")
    # The same points make the same file, so that a commit shows only what changed.
    matplotlib.rcParams |= {"svg.hashsalt": plot.name, "svg.fonttype": "none"}
    from matplotlib import pyplot
    from matplotlib.ticker import FuncFormatter

    curves: dict[str, list[Point]] = {}
    for point in points:
        curves.setdefault(point.curve, []).append(point)
    figure, axes = pyplot.subplots(figsize=_INCHES, layout="constrained")
    colours = iter(_OTHERS * (1 + len(curves) // len(_OTHERS)))
    styles = iter(("-", "--", ":", "-."))
    for name, its in curves.items():
        its.sort(key=lambda point: point.x)
        is_ours = name.startswith("ours")
        axes.plot(
            [point.x for point in its],
            [point.y for point in its],
            label=name,
            marker="o",
            color=_OURS if is_ours else next(colours),
            linestyle=next(styles, "-") if is_ours else "-",
            linewidth=2.2 if is_ours else 1.4,
        )
    if plot.is_logarithmic:
        axes.set_xscale("log")
        axes.set_yscale("log")
    else:
        axes.set_ylim(bottom=0)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.12g}"))
    axes.set(title=plot.title, xlabel=plot.x, ylabel=plot.y)
    axes.grid(visible=True, alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, handlelength=3.5)  # or dashes look like lines
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)
