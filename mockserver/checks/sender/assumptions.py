"""The assumptions about deliveries, each confirmed or refuted by name, or not judged with the reason."""

from collections.abc import Iterable, Mapping

from mockserver.checks.sender.observations import Gap, Observation

NOT_SHOWN = "nothing that was caught shows it"
_VALUES = "it is about the meaning of a value, which nobody can see from outside"
TESTED: Mapping[str, str] = {  # what a run can see of an assumption
    "A39": "headers of a subscription replace those of the platform",
    "A40": "every key of `data` is there",
    "A42": "date-times have seconds and an offset",
    "A43": "the lines of the canonical string",
    "A44": "the key is the text behind `whsec_`",
    "A45": "the version of the key",
    "A46": "X-Webhook-Request-Id is requestId",
    "A49": "what a repeat keeps",
    "A58": "adding a member's transaction fires TransactionAssignedToCustomer",
    "A60": "the path is signed as it is subscribed",
    "A65": "the order of a subscription's deliveries",
    "A67": "the second attempt comes after a second",
    "A68": "a redirect is final",
    "A69": "the User-Agent of the platform",
    "A71": "a deleted subscription gets nothing",
    "A72": "each subscription has a messageId of its own",
    "A87": "the six keys of the envelope",
}
UNTESTED: Mapping[str, str] = {  # and what it can't
    **dict.fromkeys(("A47", "A48", "A50", "A51", "A52", "A53", "A54", "A55", "A56", "A57", "A66", "A74"), _VALUES),
    "A41": "no event but a real one shows what it carries",
    "A59": "no operation of the contract runs a campaign",
    "A70": "`check live` tries what a subscription may set",
    "A73": "nothing is caught from queues",
    "A75": "`check live` tries what a subscription may set",
}


def states(found: Iterable[Observation | Gap]) -> dict[str, str]:
    """The state of each assumption, in words that begin with `confirmed`, `refuted` or `not judged`."""
    kept, broken = set[str](), dict[str, str]()
    for one in found:
        if isinstance(one, Observation):
            for claim in one.claims:
                if one.wrong:
                    broken.setdefault(claim, f"refuted: {one.event}: {one.wrong}")
                else:
                    kept.add(claim)
    judged = {claim: broken.get(claim) or _kept(claim in kept) for claim in TESTED}
    untested = {claim: f"not judged: {reason}" for claim, reason in UNTESTED.items()}
    return dict(sorted((judged | untested).items()))


def _kept(seen: bool) -> str:  # noqa: FBT001 (a state)
    return "confirmed" if seen else f"not judged: {NOT_SHOWN}"
