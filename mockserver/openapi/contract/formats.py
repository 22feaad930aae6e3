"""The formats of a contract as patterns: a validator checks them within its compiled code, and knows every day of the
calendar, which its own date checks don't."""

_YEAR = "[0-9]{4}"
_LEAP_YEAR = "([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)"
_DAY = "|".join(
    (
        f"{_YEAR}-(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])",
        f"{_YEAR}-(0[469]|11)-(0[1-9]|[12][0-9]|30)",
        f"{_YEAR}-02-(0[1-9]|1[0-9]|2[0-8])",
        f"{_LEAP_YEAR}-02-29",
    )
)
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]"
_SECOND = r"([0-5][0-9]|60)(\.[0-9]+)?"

PATTERNS = {
    # A full-date of RFC 3339.
    "date": f"^({_DAY})$",
    # A date-time of RFC 3339: with an offset, and with a leap second if need be.
    "date-time": f"^({_DAY})[Tt]{_TIME}:{_SECOND}([Zz]|[+-]{_TIME})$",
    # A UUID of any version, in either case.
    "uuid": "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$",
}
NAMES = {pattern: name for name, pattern in PATTERNS.items()}
