"""What a wave may cost beside bare restic on the same machine in the same run: counts and ratios, never seconds."""

import statistics

# Starts of restic in a wave beyond one backup for each target: version, the listing, the forget.
STARTS_BEYOND_BACKUPS = 3
# Requests of one start of restic, on average: those of a backup that finds a file or two changed.
REQUESTS_PER_START = 13
# CPU time and wall time beside the script container's sequence. Generous: a busy machine is no regression.
SCRIPT_RATIO = {"cpu": 0.8, "wall": 0.9}


def broken(result: dict) -> list[str]:
    """One line for each limit that does not hold. Limits whose arms were not run hold."""
    arms = result["arms"]
    lines = []
    runner = arms.get("runner")
    if runner is None:
        return ["the arm runner was not run"]
    most = result["options"]["targets"] + STARTS_BEYOND_BACKUPS
    if runner["starts"] > most:
        lines.append(f"a wave starts restic {runner['starts']} times, not {most} at most")
    if runner.get("requests", 0) > runner["starts"] * REQUESTS_PER_START:
        lines.append(f"a wave makes {runner['requests']} requests, more than {REQUESTS_PER_START} for each of its "
                     f"{runner['starts']} starts of restic")
    for key, limit in SCRIPT_RATIO.items() if "script" in arms else []:
        ratio = statistics.median(runner[key]) / statistics.median(arms["script"][key])
        if ratio > limit:
            lines.append(f"a wave takes {ratio:.2f} times the {key} time of the script's sequence, not {limit:.2f} at most")
    return lines
