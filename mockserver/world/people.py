"""Made-up people: the same number is always the same person, and no two numbers share an identifier."""

from typing import Any

FIRST_NAMES = (
    "Ada", "Amir", "Anna", "Ben", "Chen", "Clara", "Dana", "Diego", "Ela", "Emil", "Fatima", "Felix", "Greta", "Hana",
    "Hugo", "Ines", "Ivan", "Jana", "Jonas", "Kaia", "Karim", "Lea", "Leon", "Lin", "Lucia", "Marek", "Mia", "Milan",
    "Nadia", "Nils", "Nora", "Omar", "Paula", "Petr", "Rosa", "Sami", "Sofia", "Tom", "Vera", "Yuki", "Zoe",
)  # fmt: skip
LAST_NAMES = (
    "Adler", "Baker", "Costa", "Dvorak", "Evans", "Fischer", "Garcia", "Haddad", "Ito", "Jensen", "Kowalska", "Lopez",
    "Marino", "Novak", "Okafor", "Park", "Rossi", "Silva", "Tanaka", "Urban", "Vogel", "Weber", "Young", "Zeman",
)  # fmt: skip
_WITH_CARD, _WITH_PHONE = 3, 2  # every third has no card, every second no phone


def person(number: int) -> dict[str, Any]:
    """Person of this number, from 0 on, as a `customer` object of the API."""
    first, last = FIRST_NAMES[number % len(FIRST_NAMES)], LAST_NAMES[number % len(LAST_NAMES)]
    found = {"firstName": first, "lastName": last, "email": f"{first}.{last}.{number}@example.com".lower()}
    if number % _WITH_PHONE == 0:
        found["phone"] = f"+1202555{number:07}"
    if number % _WITH_CARD:
        found["loyaltyCardNumber"] = f"40{number:08}"
    return found
