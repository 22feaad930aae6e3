"""mockserver.cli.until_closed: the mock ends with what started it, and says why."""

import os
import signal
import socket
import subprocess
import sys

import httpx2
import pytest

from tests.cli.processes import COMMAND, TIMEOUT, bare_environment, run, served, url_in


def test_ends_with_what_started_it() -> None:
    """With `--until-closed`, or its variable, the mock ends in order once the other end of a pipe is closed."""
    for arguments, variables in ((("--until-closed", "0"), {}), ((), {"MOCKSERVER_UNTIL_CLOSED": "0"})):
        with served("--log-level", "warning", *arguments, **variables) as (process, shown):
            assert httpx2.get(f"{url_in(shown)}/_mock/health").json() == {"status": "ok"}
            assert process.stdin is not None
            process.stdin.close()
            process.stdin = None  # `communicate` would write to it
            _, rest = process.communicate(timeout=TIMEOUT)

        assert process.returncode == -signal.SIGTERM
        assert rest.strip() == ""


def test_pipe_that_is_not_there_is_told() -> None:
    """A descriptor that nobody handed over ends with code 2 and one line that names it."""
    ended = run("serve", "--port", "0", "--until-closed", "987")

    assert ended.returncode == 2
    assert ended.stderr.startswith("Error: --until-closed 987: no such file is open (Bad file descriptor). ")


def test_log_says_why_it_ends() -> None:
    """Who reads the log learns that the other end was closed."""
    with served("--log-level", "info", "--until-closed", "0") as (process, _):
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None
        _, rest = process.communicate(timeout=TIMEOUT)

    assert "The mock ends: nobody holds the other end of --until-closed 0 any more." in rest


@pytest.mark.skipif(sys.platform == "win32", reason="hands over descriptors as Unix does")
def test_pipe_that_does_not_block_is_waited_for() -> None:
    """A socket that doesn't block, as that of Node.js, keeps the mock alive until its other end is closed."""
    own, others = socket.socketpair()
    os.set_blocking(others.fileno(), False)
    command = [*COMMAND, "serve", "--port", "0", "--log-level", "warning", "--until-closed", "0"]
    with subprocess.Popen(  # noqa: S603 (our own command)
        command, stdin=others.fileno(), stderr=subprocess.PIPE, text=True, env=bare_environment()
    ) as process:
        assert process.stderr is not None
        assert httpx2.get(f"{url_in(process.stderr.readline())}/_mock/health").json() == {"status": "ok"}
        own.sendall(b"what is sent isn't looked at")
        own.close()
        process.communicate(timeout=TIMEOUT)

    others.close()
    assert process.returncode == -signal.SIGTERM


@pytest.mark.parametrize("number", ["2147483648", "99999999999999999999", "-1"])
def test_number_that_is_no_descriptor_is_a_usage_error(number: str) -> None:
    """What can't be a descriptor is refused, with the range."""
    ended = run("serve", "--port", "0", "--until-closed", number)

    assert ended.returncode == 2
    assert f"{number} is not in the range 0<=x<=2147483647." in ended.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="hands over descriptors as Unix does")
@pytest.mark.parametrize("path", ["/dev/null", "/dev/zero", __file__])
def test_what_has_no_other_end_is_refused(path: str) -> None:
    """A file or a device can't be closed by somebody else: the mock doesn't start, and says what to hand over."""
    with open(path, "rb") as file:  # noqa: PTH123 (devices, too)
        assert _refusal(file.fileno()).startswith("Error: --until-closed 0: this is no pipe, socket or terminal")


@pytest.mark.skipif(sys.platform == "win32", reason="hands over descriptors as Unix does")
def test_end_of_a_pipe_that_is_written_is_refused() -> None:
    """The wrong end of a pipe can't be read."""
    read, write = os.pipe()
    said = _refusal(write)
    os.close(read)
    os.close(write)

    assert said.startswith("Error: --until-closed 0: it can't be read (Bad file descriptor). Hand over the end")


def _refusal(descriptor: int) -> str:
    """What a start says that gets this as its standard input."""
    command = [*COMMAND, "serve", "--port", "0", "--until-closed", "0"]
    ended = subprocess.run(  # noqa: S603 (our own command)
        command, stdin=descriptor, capture_output=True, text=True, env=bare_environment(), timeout=TIMEOUT, check=False
    )
    assert ended.returncode == 2, ended.stderr
    return ended.stderr
