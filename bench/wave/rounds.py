"""The rounds of the comparison, and what they found."""

import argparse
import datetime
import os
import platform
import random
import shutil
import statistics
import subprocess
import tempfile
from pathlib import Path

from . import arms, measure, rest
from .data import Data

CHECKOUT = Path(__file__).resolve().parents[2]


class Comparison:
    """Lives in a temporary folder, which is gone at the end."""

    def __init__(self, options: argparse.Namespace, folder: Path):
        self._options = options
        self._folder = folder
        self._random = random.Random(options.seed)
        self._data = Data(folder / "data", options.targets, options.files, options.megabytes, options.seed)
        self._rest = None
        if options.latency is not None:
            (folder / "served").mkdir()
            self._rest = rest.SlowRest(folder / "served", options.latency)
        self.left_out: dict[str, str] = {}
        self._plain, self._counting = self._programs()
        self._arms = [self._arm(name) for name in self._names()]
        self.figures: dict[str, dict] = {arm.name: {"wall": [], "cpu": [], "largest": []} for arm in self._arms}

    def close(self) -> None:
        if self._rest:
            self._rest.close()

    def run(self) -> None:
        for arm in self._arms:
            self._run(arm, arm.first or arm.argv, self._plain)
            print(f"  filled {arm.name}", flush=True)
        self._data.rewrite_some()
        for arm in self._arms:
            self._count(arm)
        for number in range(self._options.rounds):
            self._data.rewrite_some()
            for arm in self._random.sample(self._arms, len(self._arms)):
                self._time(arm)
            print(f"  round {number + 1} of {self._options.rounds}", flush=True)
        for arm in self._arms:
            self._prove(arm)

    def _names(self) -> list[str]:
        names = []
        for name in self._options.arms.split(","):
            if name not in arms.DEFAULT:
                raise SystemExit(f"compare: there is no arm {name}; there are {', '.join(arms.DEFAULT)}")
            if self._rest and name.startswith("borg"):
                self.left_out[name] = "works on a folder, not over REST"
            elif program := arms.missing(name):
                self.left_out[name] = f"{program} is not installed (tools/install-packages bench)"
            elif name.startswith("runner") and "," in self._options.parallel:
                names += [f"{name}@{parallel}" for parallel in self._options.parallel.split(",")]
            else:
                names.append(name)
        return names

    def _arm(self, name: str) -> arms.Arm:
        parallel = name.split("@")[1] if "@" in name else self._options.parallel.split(",")[0]
        folder = self._folder / "arms" / name
        url = self._rest.url(name) if self._rest else str(folder / "repo")
        return arms.make(name, arms.Place(folder, url, self._data.folders, int(parallel), runner_program()))

    def _programs(self) -> tuple[Path, Path]:
        """Two folders for PATH: with the chosen restic, and with programs that write a line before they start it."""
        plain, counting = self._folder / "plain", self._folder / "counting"
        plain.mkdir()
        counting.mkdir()
        (plain / "restic").symlink_to(restic_program(self._options.restic))
        for program in arms.counted_programs():
            real = plain / program if program == "restic" else shutil.which(program)
            (counting / program).write_text(f'#!/bin/sh\necho "$1" >>"{counting}/starts"\nexec "{real}" "$@"\n')
            (counting / program).chmod(0o755)
        return plain, counting

    def _run(self, arm: arms.Arm, argv: list[str], path: Path, log: Path | None = None) -> measure.Cost:
        env = arms.environment([path]) | arm.env
        return measure.run(argv, env, log or self._folder / "arms" / arm.name / "log")

    def _count(self, arm: arms.Arm) -> None:
        starts = self._counting / "starts"
        starts.write_text("")
        if self._rest:
            self._rest.reset()
        with measure.MemoryWatch() as watch:
            self._run(arm, arm.argv, self._counting)
        figures = self.figures[arm.name]
        figures["starts"] = len(starts.read_text().splitlines())
        figures["together"] = watch.megabytes
        if self._rest:
            figures["requests"], figures["listings"] = self._rest.requests, self._rest.listings

    def _time(self, arm: arms.Arm) -> None:
        os.sync()
        cost = self._run(arm, arm.argv, self._plain)
        figures = self.figures[arm.name]
        for name in ("wall", "cpu", "largest"):
            figures[name].append(round(getattr(cost, name), 3))


    def _prove(self, arm: arms.Arm) -> None:
        """An arm that did not back everything up, or forgot nothing, must not look fast."""
        log = self._folder / "arms" / arm.name / "left"
        self._run(arm, arm.listing, self._plain, log)
        left = len(log.read_text().splitlines())
        if left != arm.left:
            raise SystemExit(f"compare: {arm.name} left {left} snapshots, not {arm.left}")


def runner_program() -> str:
    program = os.environ.get("RUNNER", str(CHECKOUT / "build/release/runner/app/runner"))
    if not os.access(program, os.X_OK):
        raise SystemExit(f"compare: there is no {program}: run tools/build release, or set RUNNER")
    return str(Path(program).absolute())


def restic_program(name: str) -> str:
    program = shutil.which(name)
    if not program:
        raise SystemExit(f"compare: there is no {name}")
    return str(Path(program).absolute())


def _version(*argv: str) -> str:
    try:
        words = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.split()
    except (OSError, subprocess.CalledProcessError):
        return ""
    return " ".join(words[:2])


def machine() -> dict:
    """What the figures depend on."""
    model = [line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
             if line.startswith("model name")]
    return {"date": datetime.date.today().isoformat(), "cores": os.cpu_count(), "cpu": model[0] if model else platform.machine(),
            "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9),
            "load": round(os.getloadavg()[0], 1)}


def compare(options: argparse.Namespace) -> dict:
    about = machine()
    with tempfile.TemporaryDirectory(prefix="runner-compare-") as folder:
        comparison = Comparison(options, Path(folder))
        try:
            comparison.run()
        finally:
            comparison.close()
    keys = ("targets", "megabytes", "files", "rounds", "latency")
    borgs = [_version("borg", "--version"), "borgmatic " + _version("borgmatic", "--version")]
    programs = [_version(restic_program(options.restic), "version")]
    programs += borgs if any(name.startswith("borg") for name in comparison.figures) else []
    return {"kind": "compare", "machine": about, "programs": programs, "note": options.note, "options": {key: getattr(options, key) for key in keys}, "left_out": comparison.left_out,
            "arms": comparison.figures}


def print_medians(result: dict) -> None:
    print(f"{', '.join(result['programs'])}; medians of {result['options']['rounds']} rounds:")
    for name, figures in result["arms"].items():
        wall, cpu, largest = (statistics.median(figures[key]) for key in ("wall", "cpu", "largest"))
        print(f"  {name:16} {wall:8.2f} s {cpu:8.2f} s CPU {figures['starts']:4} starts  largest process {largest:5.0f} MB"
              f"  together {figures['together']:5.0f} MB" +
              (f"  {figures['requests']} requests, {figures['listings']} listings" if "requests" in figures else ""))
    for name, reason in result["left_out"].items():
        print(f"  {name:16} left out: {reason}")
