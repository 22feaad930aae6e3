"""The steps of a finding as a script that runs without this project: for a shell with curl, for Python with requests,
or for the HTTP client of an editor.

It logs in unless `OL_TOKEN` is set, takes from each answer what later steps use, shows the last answer beside what was
expected, and deletes what it created. It ends with the exit codes of `mockserver check replay`: 0 gone, 1 still there,
2 can't be repeated, also where the last answer doesn't tell. Nothing is sent to another machine than this one
unless `OL_YES_HOST` names it. A file for an editor can neither refuse to run nor judge: what was expected, and the host
that it sends to, are comments there.
"""

from collections.abc import Callable, Iterator, Mapping

from mockserver.checks.findings.step import Step
from mockserver.checks.reporting import bash_script, python_script
from mockserver.checks.reporting.story import VARIABLE, Story
from mockserver.errors import SettingsError


def as_curl(told: Story) -> str:
    """A script for bash, with curl and python3."""
    return "\n".join(bash_script.lines(told)) + "\n"


def as_python(told: Story) -> str:
    """A script for Python, with requests."""
    return "\n".join(python_script.lines(told)) + "\n"


def as_http(told: Story) -> str:
    """A file for httpYac or the HTTP client of JetBrains. Raises SettingsError for what it can't express."""
    lines = [f"# {told.title}", *(f"# {name}: {text}" for name, text in told.notes)]
    lines += [f"# It sends requests to {told.consent}, and may create and delete records there."] * bool(told.consent)
    lines += ["", f"@url = {told.url}"]
    lines += [f"@{name} = {{{{$processEnv {name}}}}}" for name in told.needed]
    parts = [("log in", one) for one in told.logins.values()]
    parts += [*(("", step) for step in told.steps[:-1]), ("judged", told.steps[-1])]
    parts += [("delete what was created", step) for step in told.deletions.values()]
    for number, (words, step) in enumerate(parts, start=1):
        lines += ["", f"### {words or f'step {number}'}", *_http_lines(step)]
        if step.captures:
            sets = (f'client.global.set("{name}", response.body.{at[1:]});' for name, at in step.captures.items())
            lines += ["", f"> {{% {' '.join(sets)} %}}"]
    return "\n".join(lines) + "\n"


def _http_lines(step: Step) -> Iterator[str]:
    texts = (step.target, *step.headers.values(), step.body or "")
    if not all(text.isprintable() and "{{" not in text for text in texts):
        raise SettingsError(f"{step.method} {step.path} can't be written in an .http file; --as curl or python can.")
    yield f"{step.method} {{{{url}}}}{_braced(step.target)}"
    yield from (f"{name}: {_braced(value)}" for name, value in step.headers.items())
    if step.body is not None:
        yield from ("", _braced(step.body))


def _braced(text: str) -> str:
    return VARIABLE.sub(r"{{\1}}", text)


FORMATS: Mapping[str, Callable[[Story], str]] = {"curl": as_curl, "python": as_python, "http": as_http}
