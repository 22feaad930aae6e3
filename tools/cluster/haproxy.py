"""HAProxy: the program of this machine, or else Debian's package, unpacked without being installed; its configuration.

The configuration is that of recipes/cluster/haproxy.cfg, which says why each line is there; only the addresses differ.
"""

import os
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tools import debian
from tools.programs import ROOT, Missing

CACHE = ROOT / "tools" / ".cache" / "haproxy"
PACKAGE = "haproxy"
RECIPE = ROOT / "recipes" / "cluster" / "haproxy.cfg"
PLACES = ("sbin", "usr/sbin", "usr/local/sbin")  # which aren't on the PATH of everybody


class Haproxy(NamedTuple):
    """A program, and the variables that it needs."""

    program: Path
    variables: Mapping[str, str]

    def command(self, configuration: Path) -> list[str]:
        """What runs it in the foreground: a master, which reads its configuration anew at SIGUSR2, and a worker."""
        return [str(self.program), "-W", "-db", "-f", str(configuration)]


def find() -> Haproxy | None:
    """The HAProxy of this machine, or the one that was unpacked before; None if there is none."""
    path = os.pathsep.join((os.environ.get("PATH", ""), *(f"/{place}" for place in PLACES)))
    installed = shutil.which(PACKAGE, path=path)
    if installed:
        return Haproxy(Path(installed), {})
    unpacked = CACHE / "usr" / "sbin" / PACKAGE
    if not (unpacked.exists() and debian.is_ours(CACHE)):
        return None
    libraries = map(str, CACHE.glob("usr/lib/*-linux-gnu*"))
    return Haproxy(unpacked, {"LD_LIBRARY_PATH": os.pathsep.join(libraries)})


def fetch() -> Haproxy:
    """The HAProxy of this machine, or of Debian's package, which is unpacked in CACHE. Raises Missing."""
    found = find()
    if found is None and debian.can_unpack():
        CACHE.parent.mkdir(parents=True, exist_ok=True)
        debian.unpack([PACKAGE, *debian.absent_libraries(PACKAGE)], CACHE)
        found = find()
    if found is None:
        raise Missing("No HAProxy was found: install it by your package manager (Debian: haproxy).")
    return found


def configuration(port: int, replicas: Sequence[int], recipe: str | None = None) -> str:
    """The configuration for replicas on these ports of loopback, behind another one; made of that of the recipe."""
    text = RECIPE.read_text("utf-8") if recipe is None else recipe
    servers = "\n".join(f"    server replica-{number} 127.0.0.1:{each}" for number, each in enumerate(replicas, 1))
    text = re.sub(r"^ +bind .*$", f"    bind 127.0.0.1:{port}", text, flags=re.MULTILINE)
    text = re.sub(r"^resolvers .*\n(?: +.*\n)+\n", "", text, flags=re.MULTILINE)
    return re.sub(r"^(?: +#.*\n)* +server-template .*$", servers, text, flags=re.MULTILINE)
