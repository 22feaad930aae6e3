"""What `check drift` expects of a mock and a live instance that are asked the same."""

from mockserver.checks.findings.promises import Promised


class DriftPromise(Promised):
    """The promises of a mock about live."""

    ANSWERED = "drift_answered", "What one side answers, the other answers, too.", "Look at the side that is silent."
    STATUS = "drift_status", "Both sides answer with the same status."
    MEDIA_TYPE = "drift_media_type", "Both sides answer with the same media type."
    HEADERS = "drift_headers", "Both sides send the headers that are declared, and those that steer clients."
    FIELDS = "drift_fields", "Both sides show the same fields."
    TYPES = "drift_types", "A value has the same type on both sides."
    VALUES = "drift_values", "A value that was sent, is declared, or follows from what was done is the same."
    FORMS = "drift_forms", "What a side makes up, such as a time, has the same form."
    IDENTITIES = (
        "drift_identities",
        "What names a record or is a secret is new, and stays, on both sides alike.",
        "An id that changes between answers, or comes twice, is no id for a client.",
    )
    ROWS = "drift_rows", "Lists have the same entries: of records, those of the run."
    ORDER = "drift_order", "Entries whose order was sent, or asked for, are in the same order."
    FIGURES = (
        "drift_figures",
        "Figures of a whole store change alike.",
        "Others who work in that store meanwhile change its figures, too: choose a quiet one by --store.",
    )
    WORDS = "drift_words", "Sentences for people say the same.", "Clients shouldn't depend on them."
