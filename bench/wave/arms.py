"""The arms of the comparison: for each, the files that it needs and the command of one round."""

import os
import shlex
import shutil
from dataclasses import dataclass, field
from pathlib import Path

DEFAULT = ("runner", "runner-prune", "restic", "restic-forget", "script", "borgmatic", "borg")
PASSWORD = "correct horse"
RESTIC_LISTING = ["restic", "list", "snapshots"]
BORG_LISTING = ["borg", "list", "--short"]


@dataclass
class Place:
    """Where an arm works. `url` is its repository, in restic's words."""

    folder: Path
    url: str
    targets: dict[str, Path]
    parallel: int
    runner: str


@dataclass
class Arm:
    """`argv` is one round; `first` takes the place of the first one. At the end `listing` prints `left` lines, one for each
    snapshot that there must be."""

    name: str
    argv: list[str]
    listing: list[str]
    left: int
    env: dict[str, str] = field(default_factory=dict)
    first: list[str] | None = None


def make(name: str, place: Place) -> Arm:
    place.folder.mkdir(parents=True)
    return _MAKERS[name.split("@")[0]](name, place)


def missing(name: str) -> str | None:
    """The program that the arm lacks here."""
    needed = {"borg": ["borg"], "borgmatic": ["borg", "borgmatic"]}.get(name, [])
    return next((program for program in needed if not shutil.which(program)), None)


def _script(place: Place, file: str, lines: list[str]) -> list[str]:
    path = place.folder / file
    path.write_text("set -euo pipefail\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return ["bash", str(path)]


def _sources(place: Place) -> str:
    return " ".join(shlex.quote(str(folder)) for folder in place.targets.values())


def _restic_env(place: Place) -> dict[str, str]:
    return {"RESTIC_REPOSITORY": place.url, "RESTIC_PASSWORD": PASSWORD, "RESTIC_CACHE_DIR": str(place.folder / "cache")}


def _runner_config(place: Place) -> Path:
    lines = ["version: 1", "instance: bench", "timezone: UTC", f"state_dir: {place.folder}/state",
             f"repository: {{url: '{place.url}', password: {PASSWORD}}}", f"max_parallel: {place.parallel}",
             "defaults: {schedule: '0 3 1 1 *', retention: {last: 1}}", "targets:"]
    lines += [f"  {name}: {{source: {folder}}}" for name, folder in place.targets.items()]
    config = place.folder / "backup.yaml"
    config.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return config


def _runner(name: str, place: Place) -> Arm:
    command = [place.runner, "--config", str(_runner_config(place))]
    return Arm(name, [*command, "run"], [*command, "restic", "--", "list", "snapshots"], len(place.targets))


def _runner_prune(name: str, place: Place) -> Arm:
    arm = _runner(name, place)
    arm.argv = _script(place, "round", [shlex.join(arm.argv), shlex.join([*arm.argv[:-1], "prune"])])
    return arm


def _restic(name: str, place: Place) -> Arm:
    prune = "" if name == "restic-forget" else " --prune"
    lines = [f"restic backup --json --quiet --host bench {_sources(place)}",
             f"restic forget --host bench --keep-last 1{prune}"]
    return Arm(name, _script(place, "round", lines), RESTIC_LISTING, 1, _restic_env(place),
               _script(place, "first", ["restic init", *lines]))


def _script_container(name: str, place: Place) -> Arm:
    lines = []
    for target, folder in place.targets.items():
        lines += ["restic list locks", "restic init || true",
                  f"restic backup --host {target} {shlex.quote(str(folder))}",
                  f"restic forget --host {target} --keep-last 1 --prune"]
    return Arm(name, _script(place, "round", lines), RESTIC_LISTING, len(place.targets), _restic_env(place),
               _script(place, "first", ["restic init", *lines]))


def _borg_env(place: Place) -> dict[str, str]:
    return {"BORG_PASSPHRASE": PASSWORD, "BORG_BASE_DIR": str(place.folder / "base"), "BORG_REPO": str(place.folder / "repo"),
            "BORG_RELOCATED_REPO_ACCESS_IS_OK": "yes"}


def _borg(name: str, place: Place) -> Arm:
    lines = [f"borg create --compression zstd,3 '::all-{{utcnow}}' {_sources(place)}",
             "borg prune --glob-archives 'all-*' --keep-last 1", "borg compact"]
    return Arm(name, _script(place, "round", lines), BORG_LISTING, 1, _borg_env(place),
               _script(place, "first", ["borg init --encryption repokey-blake2", *lines]))


def _borgmatic(name: str, place: Place) -> Arm:
    files = place.folder / "borgmatic.d"
    files.mkdir()
    for target, folder in place.targets.items():
        (files / f"{target}.yaml").write_text(
            f"location:\n  source_directories: ['{folder}']\n  repositories: ['{place.folder}/repo']\n"
            f"storage:\n  compression: zstd,3\n  archive_name_format: '{target}-{{utcnow}}'\n"
            f"retention:\n  keep_secondly: 1\n  prefix: '{target}-'\n", encoding="utf-8")
    # Its own order: prune comes first, so that the newest archive and the one before it stay.
    command = ["borgmatic", "--config", str(files), "prune", "compact", "create"]
    return Arm(name, command, BORG_LISTING, 2 * len(place.targets), _borg_env(place),
               _script(place, "first", ["borg init --encryption repokey-blake2", shlex.join(command)]))


_MAKERS = {"runner": _runner, "runner-prune": _runner_prune, "restic": _restic, "restic-forget": _restic,
           "script": _script_container, "borgmatic": _borgmatic, "borg": _borg}


def counted_programs() -> tuple[str, ...]:
    return ("restic", "borg")


def environment(path: list[Path]) -> dict[str, str]:
    """This program's own, without what would reach an arm by accident, with `path` before PATH."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("RESTIC_", "BORG_", "RUNNER", "BACKUP_"))}
    env["PATH"] = os.pathsep.join([*map(str, path), os.environ["PATH"]])
    return env
