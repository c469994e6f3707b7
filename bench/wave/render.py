"""Figures as Markdown and SVG."""

import statistics

from .bars import bars

LABELS = {
    "runner": "runner: the wave", "runner-prune": "runner: the wave, then prune", "restic": "bare restic, one run",
    "restic-forget": "bare restic, without prune", "script": "the script's sequence", "borgmatic": "borgmatic",
    "borg": "bare borg, one run"}


def label(arm: str) -> str:
    name, _, parallel = arm.partition("@")
    return LABELS[name] + (f", {parallel} at once" if parallel else "")


def provenance(result: dict) -> str:
    """The command, and what its figures depend on."""
    words = [f"`{result['command']}`"]
    if machine := result["machine"]:
        words += [machine["date"], f"{machine['cores']} cores ({machine['cpu']})", f"load before: {machine['load']}"]
    words += result.get("programs", [])
    note = result.get("note")
    return ", ".join(words) + (f". {note}" if note else ".")


def table(head: list[str], rows: list[list[str]]) -> list[str]:
    """The first column is text, the others are numbers."""
    return ["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1),
            *("| " + " | ".join(row) + " |" for row in rows)]


def _floor(arm: str, arms: dict) -> dict | None:
    return arms.get("borg" if arm.startswith("borg") else "restic")


def _times(arm: str, arms: dict, key: str) -> list[str]:
    figures = arms[arm][key]
    median = statistics.median(figures)
    floor = _floor(arm, arms)
    ratio = f"{median / statistics.median(floor[key]):.2f}" if floor else ""
    return [f"{median:.2f} s ({min(figures):.2f}-{max(figures):.2f})", ratio]


def _compare_row(arm: str, arms: dict) -> list[str]:
    figures = arms[arm]
    row = [label(arm), *_times(arm, arms, "wall"), *_times(arm, arms, "cpu"), str(figures["starts"]),
           f"{statistics.median(figures['largest']):.0f} MB", f"{figures['together']:.0f} MB"]
    if "requests" in figures:
        row += [str(figures["requests"]), str(figures["listings"])]
    return row


def compare(result: dict, name: str) -> tuple[str, dict[str, str]]:
    """The Markdown of a comparison, and its plots by file name."""
    arms = result["arms"]
    options = result["options"]
    head = ["", "wall", "to its floor", "CPU", "to its floor", "starts", "largest process", "all together"]
    if any("requests" in figures for figures in arms.values()):
        head += ["requests", "of them listings"]
    plots = {}
    for key, words in (("wall", "Wall time"), ("cpu", "CPU time")):
        rows = [(label(arm), statistics.median(figures[key]), min(figures[key]), max(figures[key]))
                for arm, figures in arms.items()]
        plots[f"{name}-{key}.svg"] = bars(f"{words} of a round of {options['targets']} targets", "s", rows, "runner")
    lines = table(head, [_compare_row(arm, arms) for arm in arms])
    lines += ["", f"{options['targets']} targets of {options['files']} files and {options['megabytes']} MB, "
                  f"{options['rounds']} rounds: medians (least-most)."]
    lines += [f"Left out: {label(arm)}: {reason}." for arm, reason in result["left_out"].items()]
    lines += ["Printed by " + provenance(result), ""]
    lines += [f"![{file}](performance/{file})" for file in plots]
    return "\n".join(lines), plots


def limits(result: dict, _: str) -> tuple[str, dict[str, str]]:
    """Each limit beside what was measured."""
    rows = [[row["what"], row["limit"], row["measured"], "yes" if row["holds"] else "**no**"] for row in result["rows"]]
    return "\n".join([*table(["", "limit", "measured", "holds"], rows), "", "Printed by " + provenance(result)]), {}


def plain(result: dict, _: str) -> tuple[str, dict[str, str]]:
    """A table that the script made itself."""
    return "\n".join([*table(result["head"], result["rows"]), "", "Printed by " + provenance(result)]), {}


KINDS = {"compare": compare, "limits": limits, "table": plain}
