"""`mockserver verify-signature`: verify the signature of a captured request, and explain a wrong one."""

from dataclasses import asdict, replace
from typing import Any

import click

from mockserver import standard_webhooks
from mockserver.cli import completion, terminal
from mockserver.cli.terminal import FINDINGS
from mockserver.clock import Clock
from mockserver.errors import SettingsError
from mockserver.escaping import visible
from mockserver.signing import REQUEST_ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER
from mockserver.webhooks.signature_diagnosis import (
    Capture,
    Diagnosis,
    Difference,
    Evidence,
    Explanation,
    attempt_of,
    attempts_of,
    compare,
    diagnose,
    diagnose_standard,
    is_standard,
    read_headers,
    read_request,
)

LAST_MOMENT = 253_402_300_799  # the end of 9999
STANDARD_HEADERS = {
    "signature": standard_webhooks.SIGNATURE_HEADER,
    "timestamp": standard_webhooks.TIMESTAMP_HEADER,
    "request_id": standard_webhooks.ID_HEADER,
}
GIVEN_HEADERS = {"signature": SIGNATURE_HEADER, "timestamp": TIMESTAMP_HEADER, "request_id": REQUEST_ID_HEADER}


@click.command("verify-signature")
@click.option("--request", type=click.File("rb"), help="The captured request as raw HTTP; `-` is standard input.")
@click.option("--headers", type=click.File("rb"), help="Its headers: `Name: value` lines, as curl -v shows, or JSON.")
@click.option("--body", type=click.File("rb"), help="Its body, byte by byte; `-` is standard input.")
@click.option("--signature", help="X-Webhook-Signature or webhook-signature, if no file has it.")
@click.option("--timestamp", help="X-Webhook-Timestamp or webhook-timestamp, if no file has it.")
@click.option("--request-id", help="X-Webhook-Request-Id or webhook-id, if no file has it.")
@click.option("--method", help="The method, if no request line has it.  [default: POST]")
@click.option("--url", help="The subscribed URL.")
@click.option(
    "--secret", envvar="MOCKSERVER_WEBHOOK_SECRET", show_envvar=True, help="whsec_…; keep it out of histories."
)
@click.option("--secret-version", type=int, help="Which key the secret is: 1, and one more with each rotation.")
@click.option(
    "--old-secret", "old_secrets", multiple=True, envvar="MOCKSERVER_OLD_WEBHOOK_SECRETS", show_envvar=True,
    help="A secret from before a rotation; repeatable.",
)  # fmt: skip
@click.option("--computed", help="What your code computed from the request: which mistake gives this?")
@click.option(
    "--at", type=click.IntRange(0, LAST_MOMENT), help="Judge the age at this moment, in Unix seconds.  [default: now]"
)
@click.option(
    "--delivery",
    shell_complete=completion.delivered("deliveryId"),
    help="Compare with this delivery of a running mock; no secret is needed.",
)
@terminal.server
@terminal.ca_file
@terminal.control_token
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def verify_signature(context: click.Context, /, **options: Any) -> None:
    """Verify a captured webhook; when the signature doesn't match, say which mistake explains it.

    Its headers tell how it is signed: as Open Loyalty does, or by Standard Webhooks (webhook-signature), which needs no
    --url.

    Ends with 0 if the request is authentic and fresh, with 1 if not, with 2 if it can't be judged.

    \b
    Examples:
      mockserver verify-signature --url https://example.com/hook --request captured.http
      mockserver verify-signature --url https://example.com/hook --headers headers.txt --body body.json
      mockserver verify-signature --url https://example.com/hook --body body.json \\
          --signature fa4c… --timestamp 1709467498 --request-id 8aaa…
      mockserver verify-signature … --computed 4f19…       what did my code do wrong?
      mockserver verify-signature … --delivery 3f0c…       what changed on its way from the mock?

    \b
    The secret is read from MOCKSERVER_WEBHOOK_SECRET. Set it without leaving a trace (this waits for it, silently):
      read -rs MOCKSERVER_WEBHOOK_SECRET && export MOCKSERVER_WEBHOOK_SECRET
    """
    clock: Clock = context.obj or Clock()
    capture = _captured(options)
    now = clock.now() if options["at"] is None else options["at"]
    judged = _compare_with_delivery if options["delivery"] else _verify_alone
    if not judged(capture, now, options):
        context.exit(FINDINGS)


# ---------------------------------------------------------------- input
def _captured(options: dict[str, Any]) -> Capture:
    """The captured request from files and options; an option overrides a file."""
    if not (options["request"] or options["body"]):
        raise SettingsError("Give the captured request by --request FILE, or its body by --body FILE.")
    files = [options[name] for name in ("request", "headers", "body") if options[name]]
    if len({id(file) for file in files}) < len(files):
        raise SettingsError("Only one of --request, --headers and --body can be standard input.")
    capture = read_request(options["request"].read()) if options["request"] else Capture({}, b"")
    headers = dict(capture.headers)
    if options["headers"]:
        headers |= read_headers(options["headers"].read().decode("utf-8", "replace"))
    names = STANDARD_HEADERS if _is_standard(Capture(headers, b""), options) else GIVEN_HEADERS
    headers |= {name.lower(): options[option] for option, name in names.items() if options[option] is not None}
    body = options["body"].read() if options["body"] else capture.body
    return replace(capture, headers=headers, body=body, method=options["method"] or capture.method)


def _evidence(capture: Capture, now: float, options: dict[str, Any]) -> Evidence:
    try:
        return Evidence(capture, options["url"], options["secret"] or "", now, options["old_secrets"])
    except ValueError as error:
        raise SettingsError(f"The URL can't be used: {error}") from error


def _check_complete(capture: Capture, options: dict[str, Any]) -> None:
    """Check that URL, secret and signed headers are given. Raises SettingsError."""
    is_standard = _is_standard(capture, options)
    names = STANDARD_HEADERS if is_standard else GIVEN_HEADERS
    if not options["url"] and not is_standard:
        raise SettingsError("Give the subscribed URL by --url; host and path are signed.")
    if not options["secret"]:
        raise SettingsError("Give the secret by MOCKSERVER_WEBHOOK_SECRET or --secret.")
    needed = [option for option in GIVEN_HEADERS if not (option == "signature" and options["computed"])]
    for option in needed:
        if not capture.header(names[option]):
            name = option.replace("_", "-")
            asked = "" if is_standard else " Was it subscribed with hmacEnabled: true? If so,"
            advice = f"{asked} give the header by --{name}." if asked else f" Give it by --{name}."
            raise SettingsError(f"The request has no {names[option]}.{advice}")


def _is_standard(capture: Capture, options: dict[str, Any]) -> bool:
    return is_standard(capture, options["signature"], options["computed"])


# ---------------------------------------------------------------- the request alone
def _verify_alone(capture: Capture, now: float, options: dict[str, Any]) -> bool:
    _check_complete(capture, options)
    if _is_standard(capture, options):
        diagnosis = diagnose_standard(capture, options["secret"], now, options["old_secrets"], options["computed"])
    else:
        diagnosis = diagnose(_evidence(capture, now, options), options["computed"], options["secret_version"])
    if options["as_json"]:
        terminal.print_json(_as_json(diagnosis), indent=2)
    else:
        terminal.say(_as_text(diagnosis))
    return diagnosis.accepted


def _as_json(diagnosis: Diagnosis) -> dict[str, Any]:
    return {
        "accepted": diagnosis.accepted,
        "matches": diagnosis.matches,
        "checks": [asdict(check) for check in diagnosis.checks],
        "canonical": [{"line": line, "from": made_of} for line, made_of in diagnosis.canonical],
        "expected": diagnosis.expected,
        "diagnosis": _explanation_as_json(diagnosis.explanation),
        "codeIsRight": diagnosis.code_is_right,
        "codeDiagnosis": _explanation_as_json(diagnosis.of_code),
    }


def _explanation_as_json(explanation: Explanation | None) -> dict[str, Any] | None:
    if explanation is None:
        return None
    return {
        "mistakes": [explanation.mistake.name],
        "change": explanation.change,
        "advice": explanation.mistake.advice,
        "bySender": explanation.mistake.by_sender,
        "alternatives": [[name] for name in explanation.alternatives],
    }


def _as_text(diagnosis: Diagnosis) -> str:
    lines = [_headline(diagnosis), ""]
    lines += [
        f"  {_mark(check.failed, check.remark)} {check.name:<12} {visible(check.says)}" for check in diagnosis.checks
    ]
    width = max(len(visible(line)) for line, _ in diagnosis.canonical)
    lines += ["", "The canonical string, from what was given:"]
    lines += [f"  {n} {visible(line):<{width}}  {of}" for n, (line, of) in enumerate(diagnosis.canonical, 1)]
    lines += _of_capture(diagnosis) + _of_code(diagnosis)
    return "\n".join(lines)


def _headline(diagnosis: Diagnosis) -> str:
    failed = [check.name for check in diagnosis.checks if check.failed]
    if diagnosis.accepted:
        return "OK: authentic and fresh."
    if not failed:
        return "Not OK: your code computes another signature."
    return f"Not OK: {' and '.join(failed)} failed." + (" The signature itself matches." if diagnosis.matches else "")


def _mark(failed: bool, remark: bool) -> str:  # noqa: FBT001 (two flags of one check)
    return "✗" if failed else "!" if remark else "✓"


def _of_capture(diagnosis: Diagnosis) -> list[str]:
    found = diagnosis.explanation
    if diagnosis.matches or not any(check.name == "signature" for check in diagnosis.checks):
        return []
    if found is None:
        return ["", *_NOTHING_FOUND]
    says = [f"Diagnosis: {found.mistake.name}", f"  The signature matches with {visible(found.change)}."]
    if found.mistake.by_sender:
        says.append(
            "  Whoever signed this does it otherwise than documented. If it was Open Loyalty, assumption A43 or"
        )
        says.append("  A44 in docs/assumptions.md is refuted: please open an issue. If it was your code:")
    return ["", *says, *_advice(found)]


def _of_code(diagnosis: Diagnosis) -> list[str]:
    found = diagnosis.of_code
    if diagnosis.code_is_right is None:
        return []
    if diagnosis.code_is_right:
        return ["", "Your code computed the right signature for what was given."]
    if found is None:
        return ["", "What your code computed comes out with no mistake that this command knows."]
    says = [f"Your code: {found.mistake.name}", f"  It computed the signature with {visible(found.change)}."]
    return ["", *says, *_advice(found)]


def _advice(found: Explanation) -> list[str]:
    others = ", ".join(found.alternatives)
    return [f"  What to do: {found.mistake.advice}", *([f"  The same would come of: {others}"] if others else [])]


_NOTHING_FOUND = (
    "Diagnosis: no mistake that this command knows gives this signature. Most likely the secret is of another",
    "subscription or was rotated (--old-secret tries others), or the body is not the one that was sent: capture it as",
    "raw bytes. A delivery of a running mock can be compared: --delivery ID.",
)


# ---------------------------------------------------------------- compared with a delivery
def _compare_with_delivery(capture: Capture, now: float, options: dict[str, Any]) -> bool:
    from mockserver.client.running_mock import Remote

    with Remote(options["server"], options["control_token"], options["ca_file"]) as remote:
        delivery = remote.delivery(options["delivery"])
    sent = attempt_of(attempts_of(delivery), capture)
    options["url"] = options["url"] or sent.url
    differences = compare(sent, _evidence(capture, now, options))
    if options["as_json"]:
        terminal.print_json({"differences": [asdict(difference) for difference in differences]}, indent=2)
    else:
        terminal.say("\n".join(_compared(differences)))
    return not any(difference.signed for difference in differences)


def _compared(differences: list[Difference]) -> list[str]:
    if not differences:
        return ["OK: the request arrived as it was sent."]
    lines = []
    for difference in differences:
        lines.append(
            f"{'✗' if difference.signed else '!'} {difference.part}{'' if difference.signed else ' (not signed)'}"
        )
        lines += [f"    sent      {visible(difference.sent)}", f"    captured  {visible(difference.captured)}"]
        lines += [f"    {difference.hint}"] if difference.hint else []
    return lines
