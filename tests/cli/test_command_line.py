"""mockserver.cli.command_line: what a user sees, and the exit codes."""

import re
import subprocess
import sys
from dataclasses import Field, fields

import pytest
from click.testing import CliRunner

from mockserver import __version__
from mockserver.cli import cli, main
from mockserver.settings import Settings, environment_variable


def _help(*arguments: str) -> str:
    """What the help says."""
    result = CliRunner().invoke(cli, [*arguments, "--help"])
    assert result.exit_code == 0
    return result.output


def _unspaced(text: str) -> str:
    """Without spaces and line ends, as help breaks its lines where it has to."""
    return "".join(text.split())


# ---------------------------------------------------------------- help
def test_version_is_told() -> None:
    """`--version` says name and version."""
    result = CliRunner().invoke(cli, ["--version"])

    assert result.exit_code == 0
    assert result.output == f"mockserver, version {__version__}\n"


@pytest.mark.parametrize("arguments", [(), ("serve",)])
def test_help_shows_examples(arguments: tuple[str, ...]) -> None:
    """Help begins with what it is for and shows lines that can be copied."""
    text = _help(*arguments)

    assert re.search(r"\n  Examples:\n    mockserver serve", text)


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_has_two_names(option: str) -> None:
    """`-h` is `--help`."""
    assert CliRunner().invoke(cli, [option]).output.startswith("Usage:")


@pytest.mark.parametrize("setting", fields(Settings), ids=lambda setting: setting.name)
def test_every_setting_is_an_option(setting: "Field[object]") -> None:
    """`serve --help` shows each setting with its option, its environment variable and its purpose."""
    text = _help("serve")

    assert f"  --{setting.name.replace('_', '-')} " in text
    assert _unspaced(f"[env var: {environment_variable(setting.name)}") in _unspaced(text)
    assert _unspaced(setting.metadata["purpose"]) in _unspaced(text)


@pytest.mark.parametrize(
    "command",
    ["serve", "proxy", "sweep", "spec lint", "spec resources"]
    + [f"check {judge}" for judge in ("live", "recording", "drift", "sender", "receiver", "replay")],
)
def test_whoever_takes_a_contract_takes_its_overlay(command: str) -> None:
    """A judge reads the same contract as the mock that an overlay corrects."""
    assert "  --overlay TEXT" in _help(*command.split())


def test_help_does_not_load_the_server() -> None:
    """Help is there at once: Connexion isn't imported for it."""
    code = (
        "import sys; from click.testing import CliRunner; from mockserver.cli.command_line import cli; "
        "CliRunner().invoke(cli, ['serve', '--help']); print('connexion' in sys.modules)"
    )

    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603

    assert shown.stdout == "False\n"


# ---------------------------------------------------------------- refusals
@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["serve", "--port", "70000"], "Error: The port must be between 0 and 65535, not 70000."),
        (["serve", "--port", "http"], "Error: Invalid value for '--port'"),
        (
            ["serve", "--port", "1.5"],
            "Error: Invalid value for '--port' (env var: 'MOCKSERVER_PORT'): '1.5' is not a whole",
        ),
        (
            ["serve", "--tls-key", "k.pem"],
            "Error: The TLS key k.pem needs its certificate. Give both by --tls-cert and",
        ),
        (["serve", "--tls-cert", "no.pem"], "Error: The TLS certificate no.pem is not there, or no file."),
        (["serve", "--stores", "A,,B"], "Error: The stores must be comma-separated codes"),
        (["serve", "--stores", ""], "Error: The stores must be comma-separated codes"),
        (["serve", "--stores", "A,A"], "Error: The stores must differ from each other"),
        (["serve", "--webhook-allow", "ok.test,http://x"], "Error: The webhook allow-list takes HOST, HOST:PORT and"),
        (["serve", "--webhook-allow", "a,,b"], "Error: The webhook allow-list takes HOST, HOST:PORT and"),
        (["serve", "--ca-file", "nowhere.pem"], "Error: The CA file nowhere.pem can't be read"),
        (["serve", "--retry-delay", "-1"], "Error: The retry delay must be between 0 and"),
        (["serve", "--delivery-timeout", "soon"], "Error: Invalid value for '--delivery-timeout'"),
        (["serve", "--token-ttl", "0"], "Error: The lifetime of a token must be between 1 and"),
        (["serve", "--api-key", "ключ"], "Error: The API key must be of printable ASCII"),
        (["serve", "--refresh-ttl", "soon"], "Error: Invalid value for '--refresh-ttl'"),
        (["serve", "--login-rate-limit", "-1"], "Error: The login rate limit must be 0 (off) or a number"),
        (["serve", "--trust-proxy", "haproxy"], "Error: --trust-proxy (MOCKSERVER_TRUST_PROXY) takes addresses"),
        (["serve", "--engine", "flask"], "Error: Invalid value for '--engine'"),
        (
            ["serve", "--engine", "connexion", "--spec", "pets.yaml"],
            "Error: --engine connexion (MOCKSERVER_ENGINE) can't be combined with --spec (MOCKSERVER_SPEC):",
        ),
        (
            ["serve", "--engine", "connexion", "--watch", "--strict"],
            "Error: --engine connexion (MOCKSERVER_ENGINE) can't be combined with --watch (MOCKSERVER_WATCH), --strict",
        ),
        (["serve", "--spec-root", "."], "Error: --spec-root (MOCKSERVER_SPEC_ROOT) is for a contract that --spec"),
        (["serve", "--overlay", "o.yaml"], "Error: --overlay (MOCKSERVER_OVERLAY) corrects a contract that --spec"),
        (["serve", "--log-format", "xml"], "Error: Invalid value for '--log-format'"),
        (["serve", "--cors-origin", "http://a.test", "--cors-origin", "*"], "Error: --cors-origin"),
        (["serve", "--control-origin", "localhost"], "Error: --control-origin"),
        (["serve", "--storage", "sqlite:///a"], "Error: --storage (MOCKSERVER_STORAGE) takes memory, or the URL of a"),
        (["serve", "--storage", "postgresql://127.0.0.1:1/d"], "Error: The database of --storage can't be used: "),
        (
            ["delivery-worker", "--storage", "postgresql://u:p%ZZ@127.0.0.1:99999/d"],
            "Error: The database of --storage can't be used: ",
        ),
        (["serve", "--log-level", "loud"], "Error: Invalid value for '--log-level'"),
        (["serve", "--colour"], "Error: No such option"),
        (["serve", "now"], "Error: Got unexpected extra argument"),
        (["start"], "Error: No such command 'start'."),
    ],
)
def test_bad_value_is_one_clear_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], reason: str
) -> None:
    """What can't be used ends with code 2 and one line that says why; usage errors say where help is before it."""
    monkeypatch.setattr(sys, "argv", ["mockserver", *arguments])

    with pytest.raises(SystemExit) as ended:
        main()

    shown = capsys.readouterr().err.rstrip().split("\n")
    assert ended.value.code == 2
    assert shown[-1].startswith(reason)
    assert all(re.match(r"Usage: |Try '|$", line) for line in shown[:-1])


def test_bad_variable_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A value from the environment is refused by the name of its variable."""
    monkeypatch.setenv("MOCKSERVER_SEED", "carrot")
    monkeypatch.setattr(sys, "argv", ["mockserver", "serve"])

    with pytest.raises(SystemExit) as ended:
        main()

    assert ended.value.code == 2
    assert "MOCKSERVER_SEED" in capsys.readouterr().err
