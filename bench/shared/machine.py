"""What was measured on."""

import os
import platform
import re
import subprocess
from pathlib import Path


def machine() -> dict[str, str]:
    """What was measured on, without what would name it."""
    cpu = re.findall(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text("utf-8"))
    memory = re.findall(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text("utf-8"))
    versions = {
        name: _said([name, flag]) for name, flag in (("node", "--version"), ("java", "-version"), ("wrk", "-v"))
    }
    return {
        "CPU": f"{cpu[0] if cpu else platform.machine()}, {os.cpu_count()} cores",
        "memory": f"{int(memory[0]) / 1e6:.0f} GB",
        "system": f"{platform.system()} {platform.release().partition('-')[0]}",
        "Python": platform.python_version(),
        **versions,
        "load before": f"{os.getloadavg()[0]:.2f}",
    }


def _said(command: list[str]) -> str:
    """The version in what a program says of itself."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return "not there"
    return next(iter(re.findall(r"\d+(?:\.\d+)+", done.stdout + done.stderr)), "unknown")
