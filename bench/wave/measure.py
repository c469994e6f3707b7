"""What one run of an arm costs."""

import os
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Cost:
    """Of the process and of all that it waited for."""

    wall: float  # seconds
    cpu: float  # seconds, user and system
    largest: float  # megabytes resident, of the largest process


def run(argv: list[str], env: dict[str, str], log: Path) -> Cost:
    """Runs it to its end. Whatever it prints goes to the end of `log`. Fails the program if it fails."""
    with log.open("ab") as output:
        begin = time.monotonic()
        process = subprocess.Popen(argv, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        tail = log.read_text(errors="replace").splitlines()[-20:]
        raise SystemExit("\n".join([f"compare: {' '.join(argv)}: exit code {process.returncode}", *tail]))
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000)


class MemoryWatch:
    """The most memory that this process's descendants hold together, looked at every 20 ms: for rounds without a clock.

    Memory that several share is divided between them (Pss).
    """

    def __init__(self) -> None:
        self.megabytes = 0.0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> "MemoryWatch":
        self._begin = _descendants(os.getpid())
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._end.wait(0.02):
            now = sum(map(_pss, _descendants(os.getpid()) - self._begin))
            self.megabytes = max(self.megabytes, now / 1000)


def _descendants(root: int) -> set[int]:
    parents = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                stat = Path("/proc", entry, "stat").read_text(errors="replace")
            except OSError:
                continue
            parents[int(entry)] = int(stat.rsplit(")", 1)[1].split()[1])
    found = {root}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {root}


def _pss(pid: int) -> int:
    """Kilobytes; 0 if it is gone."""
    try:
        for line in Path("/proc", str(pid), "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    except OSError:
        pass
    return 0
