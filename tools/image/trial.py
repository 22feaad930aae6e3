"""The image, tried: a container that can write nowhere answers, sends a webhook, and ends at once.

It runs in the network of this machine, as that needs the least of it; which ways to run a container this machine
allows is found out.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep  # noqa: TID251 (real seconds are told, of real processes)

import httpx2

from mockserver.settings import Settings
from mockserver.testing import MockServer, Receiver

COMMON = ("--rm", "--network=host", "--ulimit=host", "--read-only")
WAYS: dict[str, tuple[str, ...]] = {
    "podman": ("podman",),
    "podman, with runc and cgroupfs": ("podman", "--runtime=runc", "--cgroup-manager=cgroupfs"),
}
PATIENCE = 120  # seconds
KEY = {"X-AUTH-TOKEN": Settings().api_key}
ENDS = {"TERM": 0, "INT": 130}  # what a mock ends with as the first process of its container


def way(image: str) -> tuple[str, tuple[str, ...]] | None:
    """The first way by which this machine runs the image: its name and its words; None if there is none."""
    for name, words in WAYS.items():
        if shutil.which(words[0]):
            command = [*words, "run", *COMMON, image, "--version"]
            if subprocess.run(command, capture_output=True, check=False, timeout=PATIENCE).returncode == 0:  # noqa: S603
                return name, words
    return None


def load(words: Sequence[str], archive: Path, image: str) -> Iterator[str]:
    """What was seen of the archive, loaded where no image is, as elsewhere. Raises RuntimeError where the image can't
    be run by its name there, or has lost its health check."""
    with TemporaryDirectory(prefix="mockserver-image-", ignore_cleanup_errors=True) as folder:
        empty = [*words, "--root", f"{folder}/root", "--runroot", f"{folder}/run"]
        try:
            _ran(empty, "load", "--quiet", "--input", str(archive))
            _ran(empty, "run", "--pull=never", *COMMON, image, "--version")
            check = _ran(empty, "image", "inspect", "--format={{.HealthCheck}}", image)
            _require("health.py" in check, f"loaded from {archive.name}, it has no health check")
        finally:
            subprocess.run([*empty, "rmi", "--all", "--force"], capture_output=True, check=False)  # noqa: S603
    yield f"{archive.name}, loaded into an empty store, is {image}, with its health check"


def _ran(words: Sequence[str], *more: str) -> str:
    done = subprocess.run([*words, *more], capture_output=True, text=True, check=False, timeout=PATIENCE)  # noqa: S603
    _require(done.returncode == 0, f"podman {more[0]} failed: {done.stderr.strip()}")
    return done.stdout


def try_it(words: Sequence[str], image: str) -> Iterator[str]:
    """What was seen of the image, in lines. Raises RuntimeError where it isn't as promised."""
    for number, (signal, code) in enumerate(ENDS.items()):
        yield from _life(words, image, f"mockserver-trial-{os.getpid()}-{number}", signal, code)
    user = _said(words, image, "import os; print(os.getuid(), os.getpid())")
    _require(user == "65532 1", f"the mock runs as {user}")
    yield "as process 1 of its container, as user 65532; nothing runs as root"
    writable = _said(words, image, WRITABLE)
    _require(not writable, f"its user can write to {writable}")
    yield "no file of the image can be written by that user, were the file system not read-only either"


# Which files and folders of the image does its user own, or may it write to, apart from what is there for that?
WRITABLE = """
import os
own = ('/proc', '/sys', '/dev', '/run', '/tmp', '/data', '/opt/mockserver/cache', '/var/tmp', '/var/lock')
found = []
for folder, folders, files in os.walk('/'):
    folders[:] = [name for name in folders if os.path.join(folder, name) not in own]
    for path in (folder, *(os.path.join(folder, name) for name in files)):
        status = os.lstat(path)
        is_link = (status.st_mode & 0o170000) == 0o120000
        if path not in own and not is_link and (status.st_uid == 65532 or status.st_mode & 0o002):
            found.append(path)
print(*found)
"""


def _said(words: Sequence[str], image: str, program: str) -> str:
    command = [*words, "run", *COMMON, "--entrypoint=python3", image, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)  # noqa: S603
    return (done.stdout or done.stderr).strip()


def _life(words: Sequence[str], image: str, name: str, signal: str, code: int) -> Iterator[str]:
    """A container from its start to its end by a signal."""
    with MockServer() as free:
        port = int(free.url.rsplit(":", 1)[1])  # which nobody has, a moment later
    started = monotonic()
    with _container(words, image, name, port) as process, Receiver() as receiver:
        url = f"http://127.0.0.1:{port}"
        _wait(process, url)
        yield f"the first 200 after {monotonic() - started:.1f} s"
        subscription = {"eventName": "CustomerRegistered", "url": receiver.url, "hmacEnabled": True}
        for path, body in (
            ("/api/DEFAULT/webhook/subscription", {"webhookSubscription": subscription}),
            ("/api/DEFAULT/member", {"customer": {"email": "jo@example.com"}}),
        ):
            httpx2.post(url + path, headers=KEY, json=body, timeout=PATIENCE).raise_for_status()
        receiver.wait_for("CustomerRegistered", timeout=PATIENCE)
        yield f"the first webhook after {monotonic() - started:.1f} s"
        healthy = subprocess.run([*words, "healthcheck", "run", name], capture_output=True, check=False)  # noqa: S603
        _require(healthy.returncode == 0, "the health check fails")
        asked = monotonic()
        subprocess.run([*words, "kill", f"--signal={signal}", name], capture_output=True, check=True)  # noqa: S603
        ended = process.wait(PATIENCE)
        _require(ended == code, f"at SIG{signal} it ended with {ended}, not with {code}")
        yield f"SIG{signal} ended it in {monotonic() - asked:.1f} s, with {ended}"


@contextmanager
def _container(words: Sequence[str], image: str, name: str, port: int) -> Iterator[subprocess.Popen[bytes]]:
    command = [*words, "run", *COMMON, f"--name={name}", f"--env=MOCKSERVER_PORT={port}", image]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:  # noqa: S603
        try:
            yield process
        finally:
            if process.poll() is None:
                subprocess.run([*words, "rm", "--force", "--time=1", name], capture_output=True, check=False)  # noqa: S603


def _wait(process: subprocess.Popen[bytes], url: str) -> None:
    ends = monotonic() + PATIENCE
    while monotonic() < ends and process.poll() is None:
        try:
            if httpx2.get(f"{url}/_mock/health").status_code == httpx2.codes.OK:
                return
        except httpx2.TransportError:
            sleep(0.01)
    raise RuntimeError("the mock didn't answer")


def _require(holds: bool, otherwise: str) -> None:  # noqa: FBT001 (what has to hold)
    if not holds:
        raise RuntimeError(otherwise)
