"""The judges that are compared: `mockserver check live`, and Schemathesis as it comes.

Each is a command in a process of its own, and all it knows is the URL of the server and how to log in.
"""

import asyncio
import json
import logging
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from time import monotonic  # noqa: TID251 (how long a judge took is told)
from typing import Any

import httpx2

from mockserver.openapi.contract import Contract
from tests.mutants.exchange import ADMIN, API_KEY, MEMBER, OTHER_STORE

BIN = Path(sys.executable).parent
MOST_SECONDS = 400  # that a judge may take
CREDENTIALS = {
    "OL_USERNAME": ADMIN["username"],
    "OL_PASSWORD": ADMIN["password"],
    "OL_API_KEY": API_KEY,
    "OL_MEMBER_USERNAME": MEMBER["username"],
    "OL_MEMBER_PASSWORD": MEMBER["password"],
}
Finding = tuple[str, str]  # operationId, what is wrong
ANYWHERE = "*"  # in place of an operationId: the judge doesn't say where


@dataclass(frozen=True)
class Ruling:
    """What a judge said: its exit code, its findings, what it took, and how many findings it told, as several may be of
    one kind at one operation."""

    exit_code: int
    findings: frozenset[Finding]
    seconds: float
    cases: int = 0
    output: str = ""
    told: int = 0


EVERYTHING = (
    "--other-store",
    OTHER_STORE,
    "--allow-residue",
    "member",
    "--allow-residue",
    "transaction",
    "--allow-revoke",
)


async def check_live(url: str, seed: int, examples: int) -> Ruling:
    """Ours, with all that unlocks a check: a member, another store, and leave to leave something behind."""
    with tempfile.TemporaryDirectory() as folder:
        command = live(url, folder, "--seed", seed, "--max-examples", examples, *EVERYTHING)
        code, output, error, seconds = await run(command, CREDENTIALS, folder)
    report = read_json(output)
    findings = frozenset(
        (place, finding["check"]) for finding in report.get("findings", ()) for place in finding["places"]
    )
    told = len(report.get("findings", ()))
    return Ruling(code, findings, seconds, report.get("cases", 0), output + error, told)


def quieten_mocks() -> None:
    """Have the mocks of this process log errors alone: hostile requests are no news, and deliveries lead nowhere."""
    for name in ("uvicorn.error", "mockserver"):
        logging.getLogger(name).setLevel(logging.ERROR)


def live(url: str, folder: str, *options: object) -> list[object]:
    """The command line of our judge, with its report and ledger in a folder."""
    return [BIN / "mockserver", "check", "live", "--url", url, "--json", "--report-dir", folder, *options]


async def st_run(url: str, seed: int, examples: int, *options: str) -> Ruling:
    """Plain `st run`, with the token of a login as its header."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command: list[object] = [
            BIN / "st",
            "run",
            f"{url}/openapi.json",
            "-H",
            f"Authorization: Bearer {await _token(url)}",
        ]
        command += ["--seed", seed, "--max-examples", examples, "--report-json-path", report, *options]
        code, output, error, seconds = await run(command, {}, folder)
        content = read_json(report.read_text("utf-8")) if report.exists() else {}
    findings = frozenset(
        (_operation_ids().get(label, ANYWHERE), failure["type"])
        for failure in content.get("failures", ())
        for label in failure["operations"] or [ANYWHERE]
    )
    errors = {(_operation_ids().get(str(one.get("operation")), ANYWHERE), "error") for one in content.get("errors", ())}
    cases = content.get("test_cases", {}).get("generated", 0)
    return Ruling(code, findings | errors, seconds, cases, output + error, len(findings | errors))


async def run(
    command: Sequence[object], environment: Mapping[str, str], folder: str | None = None, seconds: float = MOST_SECONDS
) -> tuple[int, str, str, float]:
    """Exit code, output, errors and seconds of a command; it is ended after too long."""
    started = monotonic()
    process = await asyncio.create_subprocess_exec(
        *(str(part) for part in command),
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "200", **environment},
        cwd=folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        output, error = await asyncio.wait_for(process.communicate(), seconds)
    except TimeoutError:
        process.kill()
        output, error = await process.communicate()
        error += f"ended after {seconds} seconds".encode()
    finally:
        if process.returncode is None:
            process.kill()
    return process.returncode or 0, output.decode(), error.decode(), monotonic() - started


def read_json(text: str) -> dict[str, Any]:
    """An object that was printed; empty if it is none."""
    try:
        content = json.loads(text)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


async def _token(url: str) -> str:
    """The token of a login; a made-up one if the server is too broken for that."""
    async with httpx2.AsyncClient() as client:
        try:
            tokens = (await client.post(f"{url}/api/admin/login_check", json=ADMIN)).json()
        except (httpx2.HTTPError, ValueError):
            return "none"
    return str(tokens.get("token", "none")) if isinstance(tokens, dict) else "none"


@cache
def _operation_ids() -> dict[str, str]:
    """`GET /path` to operationId."""
    return {
        f"{method.upper()} {path}": operation["operationId"]
        for path, item in Contract.load().document["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    }
