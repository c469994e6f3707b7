"""The data that every arm backs up."""

import random
from pathlib import Path

REWRITTEN = 0.05


class Data:
    """So many folders of files that do not compress, of which a share is rewritten before each round."""

    def __init__(self, folder: Path, targets: int, files: int, megabytes: int, seed: int):
        self._random = random.Random(seed)
        self._size = max(1, megabytes * 1_000_000 // files)
        self._per_round = max(1, round(files * REWRITTEN))
        self.folders = {f"t{number:03}": folder / f"t{number:03}" for number in range(targets)}
        self._files = {}
        for name, place in self.folders.items():
            place.mkdir(parents=True)
            self._files[name] = [place / f"file-{number:05}" for number in range(files)]
            for file in self._files[name]:
                self._write(file)

    def rewrite_some(self) -> None:
        for files in self._files.values():
            for file in self._random.sample(files, self._per_round):
                self._write(file)

    def _write(self, file: Path) -> None:
        file.write_bytes(self._random.randbytes(self._size))
