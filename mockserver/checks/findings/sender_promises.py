"""The promises of the contract about deliveries, to which `check sender` holds an instance."""

from mockserver.checks.findings.promises import Promised

_SEE = (
    "Sign the bytes that are sent, unchanged, by the newest key of the subscription: docs/webhook-signatures.md has "
    "the lines that are signed."
)


class SenderPromise(Promised):
    """The promises of a sender."""

    # ---------------------------------------------------------------- which deliveries come
    DELIVERED = (
        "sends_in_time",
        "An event reaches each subscription that is there for it, in time.",
        "Look at the queue of the instance; --wait says how long to wait.",
    )
    ONCE = "sends_once", "An event is one delivery for each subscription."
    NO_REPEAT_AFTER_SUCCESS = "sends_no_more_after_2xx", "What was answered with a 2xx isn't sent again."
    REPEATED = "sends_again_after_error", "What was answered with a 4xx or 5xx is sent once more."
    REPEATED_ONCE = "sends_again_once", "What was answered with a 4xx or 5xx is sent once more, and then no more."
    REPEAT_DELAY = "sends_again_soon", "The second attempt comes about a second after the first has failed."
    NOT_REDIRECTED = "sends_to_the_url", "A redirect isn't followed, and is final."
    NOT_AFTER_DELETION = "sends_none_after_deletion", "A deleted subscription gets nothing any more."
    OWN_STORE = "sends_own_store", "A subscription gets events of its own store only."
    IN_ORDER = "sends_in_order", "A subscription gets events in their order."

    # ---------------------------------------------------------------- what a delivery is
    EVENT_NAME = "sends_own_event", "A subscription gets the event that it is for."
    POST_OF_JSON = "sends_json", "A delivery is a POST of JSON that says so."
    ENVELOPE = "sends_envelope", "A delivery has the six keys of the envelope, as its schema says."
    PAYLOAD = "sends_payload", "The data of a delivery is as the schema of its event says."
    CREATED_NOW = "sends_time_of_event", "`createdAt` is when the event happened."
    CUSTOM_HEADERS = "sends_custom_headers", "A delivery has the headers that the subscription sets, as they are."
    PLATFORM_HEADERS = "sends_platform_headers", "Unless a subscription sets them, headers are those of the platform."

    # ---------------------------------------------------------------- ids
    MESSAGE_ID_KEPT = "sends_same_message_id", "A repeat has the message id of the first attempt."
    REQUEST_ID_NEW = "sends_new_request_id", "Each attempt has a request id of its own."
    MESSAGE_ID_NEW = "sends_new_message_id", "Each event, for each subscription, has a message id of its own."
    REPEAT_IS_THE_SAME = "sends_same_event", "A repeat tells of the same event: `createdAt` and `data` are kept."

    # ---------------------------------------------------------------- signatures
    SIGNED = "sends_signature", "A delivery is signed where that was asked for, and only there.", _SEE
    SIGNATURE = "sends_right_signature", "The signature is that of the raw body, by the key of the subscription.", _SEE
    TIMESTAMP = "sends_timestamp", "The signed timestamp is the time of the attempt, in Unix seconds."
    REQUEST_ID_AGREES = "sends_one_request_id", "`X-Webhook-Request-Id` is the `requestId` of the body."
    ROTATED = "sends_by_new_key", "After a rotation the new key signs, and the old one no more."
    KEY_VERSION = "sends_key_version", "The version of the key is 1, and one more with each rotation."
