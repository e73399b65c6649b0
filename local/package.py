"""`make package`: the zip that runs on Azure without a build there, its installed size and its cold import.

What `.funcignore` leaves out stays out. The dependencies are those of `requirements.txt`, for the platform's Linux,
whatever this machine is; everything is compiled to byte code, which a cold start would else spend a second on.
"""

import compileall
import os
import platform
import py_compile
import shutil
import statistics
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

PROJECT: Final = Path(__file__).resolve().parents[1]
OUTPUT: Final = PROJECT / ".local" / "package"
DEPENDENCIES: Final = Path(".python_packages", "lib", "site-packages")
"""Where the platform looks for them (functions-reference-python, "Folder structure")."""
PLATFORMS: Final = ("manylinux2014_x86_64", "manylinux_2_28_x86_64")
MEBIBYTE: Final = 1 << 20
RUNS: Final = 5
COLD_IMPORT: Final = """
import sys, time
sys.path[:0] = sys.argv[1:]
started = time.perf_counter()
import function_app
print(time.perf_counter() - started)
"""
SETTINGS: Final = {
    "HA_BOT_SUBSCRIPTIONS": "00000000-0000-4000-8000-000000000001",
    "HA_BOT_SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/cold-import",
    "AzureWebJobsStorage__accountName": "coldimport",
}
"""What the app needs to be imported; nothing is spoken to."""


def main(output: Path = OUTPUT) -> int:
    """Build the zip and print the figures; returns pip's status where that fails."""
    folder, archive = output / "app", output / "app.zip"
    shutil.rmtree(output, ignore_errors=True)
    stage(folder)
    if status := install(folder / DEPENDENCIES):
        return status
    compile_all(folder)
    write_zip(folder, archive)
    print(f"{archive}: {archive.stat().st_size / MEBIBYTE:.1f} MiB")
    dependencies = size(folder / DEPENDENCIES) / MEBIBYTE
    print(f"installed: {size(folder) / MEBIBYTE:.1f} MiB, of which dependencies {dependencies:.1f} MiB")
    if platform.system() == "Linux" and platform.machine() == "x86_64":
        times = [cold_import(folder) for _ in range(RUNS)]
        print(f"cold import of function_app: {statistics.median(times) * 1000:.0f} ms (median of {RUNS})")
    return 0


def app_files(project: Path = PROJECT) -> list[Path]:
    """The files that are deployed, relative to the project: all that git would know, but for `.funcignore`."""
    patterns = [line for line in (project / ".funcignore").read_text(encoding="utf-8").split("\n") if line.strip()]
    ignored = [pattern for pattern in patterns if not pattern.startswith("#")]
    return sorted(_kept(project, Path(), [*ignored, ".funcignore"]))


def stage(folder: Path, project: Path = PROJECT) -> None:
    """Copy what is deployed."""
    for file in app_files(project):
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(project / file, folder / file)


def install(folder: Path) -> int:
    """Install the pinned dependencies with pip, as wheels only; returns its status."""
    platforms = [word for name in PLATFORMS for word in ("--platform", name)]
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-compile"]
    wheels = ["--only-binary", ":all:", "--implementation", "cp", "--python-version", "3.13", *platforms]
    wanted = ["--require-hashes", "--requirement", str(PROJECT / "requirements.txt"), "--target", str(folder)]
    return subprocess.call([*pip, *wheels, *wanted])


def compile_all(folder: Path) -> None:
    """Byte code beside every module. It is not compared with the source: a zip does not keep the times of files."""
    unchecked = py_compile.PycInvalidationMode.UNCHECKED_HASH
    compileall.compile_dir(folder, quiet=2, invalidation_mode=unchecked, workers=os.cpu_count() or 1)


def write_zip(folder: Path, archive: Path) -> None:
    """Zip a folder. The same files give the same bytes."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as written:
        for file in sorted(each for each in folder.rglob("*") if each.is_file()):
            entry = zipfile.ZipInfo(file.relative_to(folder).as_posix(), (1980, 1, 1, 0, 0, 0))
            entry.external_attr, entry.compress_type = 0o644 << 16, zipfile.ZIP_DEFLATED
            written.writestr(entry, file.read_bytes())


def size(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def cold_import(folder: Path, settings: Mapping[str, str] = SETTINGS, more: Sequence[Path] = ()) -> float:
    """Seconds to import function_app in a new process that sees nothing but the folder (and `more`)."""
    paths = [str(path) for path in (folder, folder / DEPENDENCIES, *more)]
    command = [sys.executable, "-I", "-S", "-c", COLD_IMPORT, *paths]
    done = subprocess.run(command, cwd=folder, env=dict(settings), capture_output=True, text=True, check=True)
    return float(done.stdout)


def _kept(project: Path, folder: Path, ignored: Sequence[str]) -> Iterator[Path]:
    for entry in (project / folder).iterdir():
        path = folder / entry.name
        if any(_is_ignored(path, entry.is_dir(), pattern) for pattern in ignored):
            continue
        if entry.is_dir():
            yield from _kept(project, path, ignored)
        else:
            yield path


def _is_ignored(path: Path, is_folder: bool, pattern: str) -> bool:
    """Whether a line of `.funcignore` names a path: as in .gitignore, of which it uses names, wildcards and folders."""
    if pattern.endswith("/") and not is_folder:
        return False
    name = pattern.rstrip("/")
    return fnmatchcase(path.name, name) or fnmatchcase(path.as_posix(), name)


if __name__ == "__main__":
    sys.exit(main())
