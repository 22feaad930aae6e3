"""The promises of a contract that `check live` holds an instance to. A finding's `check` is the name of one of them.

Other judges have promises of their own, with the same base; `catalogue` knows all of them.
"""

from enum import StrEnum
from typing import Self

_OWN_ROWS = "Tried on rows of this run only."


class Promised(StrEnum):
    """A promise by its name in reports. `says` is what is promised, `hint` what to do where it is broken."""

    says: str
    hint: str

    def __new__(cls, name: str, says: str = "", hint: str = "") -> Self:
        """A member; its value is its name in reports."""
        member = str.__new__(cls, name)
        member._value_, member.says, member.hint = name, says, hint
        return member


class Promise(Promised):
    """The promises of an instance."""

    # ---------------------------------------------------------------- records
    EXAMPLES_WORK = "examples_work", "The contract's examples are accepted, and answers have what theirs show."
    READS_BACK = "reads_back", "What was sent is what reading shows, each time."
    LIST_IS_CURRENT = "list_is_current", "A list has each record as it is read, and no deleted one."
    IDS_FIT = "ids_fit", "A new id is one that the other operations take, in one spelling only."
    IDS_ARE_NEW = "ids_are_new", "Creating makes another record each time, with an id of its own."
    IDENTIFIERS_ARE_NEW = "identifiers_are_new", "What identifies a record can't be taken twice."
    TIME_OF_CREATION = "time_of_creation", "A new record was created about now."
    UPDATE_KEEPS = "update_keeps", "An update changes what it is given, of the record that it names, and no more."
    UPDATE_REPLACES = "update_replaces", "A list that a PUT leaves out is empty afterwards."
    DELETE_DELETES = "delete_deletes", "What is deleted is gone for every operation, and nothing else is."
    SECRET_IS_NEW = "secret_is_new", "No secret is issued twice."
    SECRET_WHEN_ISSUED = "secret_when_issued", "An answer holds a secret where one was asked for, and only there."
    SECRETS_STAY_SECRET = "secrets_stay_secret", "What is write-only, or shown once, isn't shown again."
    RENEWING_WORKS = "renewing_works", "A secret can be renewed, and only where there is one."
    LIMIT_HOLDS = "limit_holds", "A limit that the contract declares holds."
    UNKNOWN_STORE = "unknown_store", "A store that doesn't exist is a 404."
    STORES_ARE_APART = "stores_are_apart", "No record of one store is seen or reached from another."

    # ---------------------------------------------------------------- lists
    LIST_PAGES = "list_pages", "Pages have the size that was asked for, and show each row once.", _OWN_ROWS
    LIST_COUNTS = "list_counts", "The totals of a list count its rows.", _OWN_ROWS
    LIST_SORTS = "list_sorts", "Sorting sorts, by several fields too, and loses no row.", _OWN_ROWS
    LIST_FILTERS = "list_filters", "A filter shows the rows that its operator describes.", _OWN_ROWS
    LIST_REFUSES = "list_refuses", "A filter, field, direction or number that the contract doesn't know is refused."

    # ---------------------------------------------------------------- who may
    BAD_PASSWORD = "bad_password", "A bad login is a 401, the same for an unknown name as for a wrong password."
    TOKEN_IS_JWT = "token_is_jwt", "A new token is a JWT that is good for a while."
    REFRESHING = "refreshing", "A refresh token brings tokens that work; an unknown one is a 401."
    REFRESH_ONCE = "refresh_once", "A refresh token works once."
    REFRESH_APART = "refresh_apart", "A refresh token works only where it was handed out."
    REVOKED = "revoked", "Ending all sessions ends their refresh tokens."
    BAD_TOKEN = "bad_token", "A forged, malformed or unknown credential is a 401."
    EXPIRED_TOKEN = (
        "expired_token",
        "A token that has expired is a 401.",
        "One that expired during the run, or --expired-token. Some seconds of leeway are usual, no more.",
    )
    GOOD_KEY = "good_key", "The API key of the run is accepted."
    NO_CREDENTIAL = "no_credential", "Without a credential there is a 401."
    MEMBER_REFUSED = "member_refused", "A member's token is a 403 on what members may not do."

    # ---------------------------------------------------------------- responses that make sense
    FIGURES_AGREE = "figures_agree", "Figures contain each other, and count what was created."
    FILTERS_DIVIDE = "filters_divide", "A filter by yes and no divides the whole."
    NAMES_AGREE = "names_agree", "A list of names has each once, and all that other operations take."

    # ---------------------------------------------------------------- bodies
    MALFORMED_BODY = "malformed_body", "A body that is no JSON is a 400."
    FORBIDDEN_BODY = "forbidden_body", "A body that the contract forbids isn't accepted."
    MEDIA_TYPE = "media_type", "A body that isn't declared as JSON is a 415."
    HUGE_BODY = "huge_body", "A huge body is refused, and breaks nothing."
    PROBLEMS_TOLD = "problems_told", "A refusal says where the problem is."
    ALLOW_IS_TRUE = "allow_is_true", "A method that `Allow` names is allowed."

    # ---------------------------------------------------------------- exchanges
    ANSWERS_IN_TIME = (
        "answers_in_time",
        "An answer is there in time.",
        "The vendor ends a call after 30 seconds; --timeout says how long to wait.",
    )
    ANSWERS_IN_FULL = (
        "answers_in_full",
        "An answer is whole, and encoded as it says.",
        "More was announced than came: look at the instance, and at what stands in front of it.",
    )
    ANSWERS_IN_BOUNDS = (
        "answers_in_bounds",
        "An answer has a size that clients can take.",
        "Look at the instance: the check reads so much of an answer, and no more.",
    )
    ANSWERS_IN_HTTP = (
        "answers_in_http",
        "An answer is HTTP.",
        "Look at what listens there, and at what stands in front of the instance.",
    )

    # ---------------------------------------------------------------- checks of Schemathesis
    NOT_A_SERVER_ERROR = (
        "not_a_server_error",
        "No request is a 5xx.",
        "Look into the log of the instance at this request.",
    )
    STATUS_CODE_CONFORMANCE = (
        "status_code_conformance",
        "Every status is declared.",
        "Declare this status at the operation if it is meant, else the instance is wrong.",
    )
    CONTENT_TYPE_CONFORMANCE = (
        "content_type_conformance",
        "Every media type is declared.",
        "Something in front of the API may have answered, such as a proxy.",
    )
    RESPONSE_HEADERS_CONFORMANCE = (
        "response_headers_conformance",
        "The headers of an answer are as declared.",
        "A header that the contract promises is missing or malformed.",
    )
    RESPONSE_SCHEMA_CONFORMANCE = (
        "response_schema_conformance",
        "The body of an answer is as its schema says.",
        "The body has another shape than the contract says.",
    )
    NEGATIVE_DATA_REJECTION = (
        "negative_data_rejection",
        "What the contract forbids is refused.",
        "The instance takes what the contract forbids.",
    )
    POSITIVE_DATA_ACCEPTANCE = (
        "positive_data_acceptance",
        "What the contract allows is accepted.",
        "The instance refuses what the contract allows: it has a rule that isn't written down.",
    )
    USE_AFTER_FREE = (
        "use_after_free",
        "What was deleted on a walk along the links is gone.",
        "A deleted record can still be reached.",
    )
    ENSURE_RESOURCE_AVAILABILITY = (
        "ensure_resource_availability",
        "What was created on a walk along the links is there.",
        "A new record can't be found.",
    )
    IGNORED_AUTH = (
        "ignored_auth",
        "A request without a good credential gets no success.",
        "The operation answers without a good credential.",
    )
    MISSING_REQUIRED_HEADER = "missing_required_header", "A request without a header that is required is refused."
    UNSUPPORTED_METHOD = "unsupported_method", "A method that a path doesn't have is a 405 with `Allow`."
    ALLOW_HEADER_CONFORMANCE = "allow_header_conformance", "`Allow` names the methods that a path has."
