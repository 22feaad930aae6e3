"""Statements of the intentions. Of each, one run is atomic; what it returns tells whether it did anything."""

from mockserver.storage.postgres.rows import MEMBER, SUBSCRIPTION, TOKEN, TRANSACTION, USER

_TYPES = {"role": "text", "legacy": "boolean", "key_version": "bigint"}
_TYPES |= dict.fromkeys(("last_login_at", "expires_at", "registered_at", "created_at", "rotated_at"), "float8")


def _values(columns: str) -> str:
    """Placeholders for these columns, with their types."""
    names = columns.split(", ")
    return ", ".join(f"${number}::{_TYPES.get(name, 'bytea')}" for number, name in enumerate(names, start=1))


def _updates(columns: str) -> str:
    return ", ".join(f"{name} = EXCLUDED.{name}" for name in columns.split(", "))


def _adding(start: str, key: str, columns: str, returned: str) -> tuple[str, str]:
    """The statements that add a record whose key is free, and that put it in place of the one that has its key."""
    added = f"{start} ON CONFLICT DO NOTHING RETURNING {returned}"
    put = f"{start} ON CONFLICT ({key}) DO UPDATE SET {_updates(columns)} RETURNING {returned}"
    return added, put


# ---------------------------------------------------------------- stores and users
STORE_CODES = "SELECT code FROM stores ORDER BY n"
HAS_STORE = "SELECT true FROM stores WHERE code = $1"
SIZES = """
SELECT (SELECT count(*) FROM stores) AS "stores", (SELECT count(*) FROM users) AS "users",
    (SELECT count(*) FROM refresh_tokens) AS "refreshTokens", (SELECT count(*) FROM members) AS "members",
    (SELECT count(*) FROM transactions) AS "transactions", (SELECT count(*) FROM subscriptions) AS "subscriptions"
"""
ADD_USER = f"""
INSERT INTO users ({USER}) SELECT {_values(USER)}
WHERE $3::bytea IS NULL OR EXISTS (SELECT FROM stores WHERE code = $3)
ON CONFLICT (user_id) DO UPDATE SET {_updates(USER)} RETURNING true
"""
ADMIN_BY_LOGIN = f"""
SELECT {USER} FROM users WHERE role = $1 AND store_code IS NULL AND username = $2 ORDER BY n LIMIT 1
"""
MEMBER_BY_LOGIN = f"""
SELECT {USER} FROM stores LEFT JOIN LATERAL (
    (SELECT 1 AS rank, u.* FROM users u WHERE role = $2 AND store_code = code AND username = $3 ORDER BY n LIMIT 1)
    UNION ALL
    (SELECT 2, u.* FROM users u WHERE role = $2 AND store_code = code AND user_id = coalesce(
        (SELECT customer_id FROM members m WHERE m.store_code = code AND email_key = $4),
        (SELECT customer_id FROM members m WHERE m.store_code = code AND phone_key = $4),
        (SELECT customer_id FROM members m WHERE m.store_code = code AND card_key = $5)
    ))
    ORDER BY rank LIMIT 1
) u ON true WHERE code = $1
"""
USER_BY_API_KEY = f"SELECT {USER} FROM users WHERE api_key = $1 ORDER BY n LIMIT 1"
RECORD_LOGIN = "UPDATE users SET last_login_at = $2 WHERE user_id = $1"

# ---------------------------------------------------------------- counted logins
# The window is from $2, which isn't part of it, to $3; a moment after that is from before the clock was set back.
_IN_WINDOW = "one > $2::float8 AND one <= $3::float8"
COUNT_LOGIN = f"""
INSERT INTO logins AS l (client, at) VALUES ($1, ARRAY[$4::float8])
ON CONFLICT (client) DO UPDATE SET at = (
    SELECT array_agg(one ORDER BY one) FROM unnest(array_append(l.at, $4)) one WHERE {_IN_WINDOW}
) WHERE (SELECT count(*) FROM unnest(l.at) one WHERE {_IN_WINDOW}) < $5::bigint
RETURNING true
"""
OLDEST_LOGIN = f"SELECT min(one) FROM logins, unnest(at) one WHERE client = $1 AND {_IN_WINDOW}"
FORGET_LOGINS = "DELETE FROM logins WHERE at[cardinality(at)] <= $1"

# ---------------------------------------------------------------- refresh tokens
ADD_TOKEN, PUT_TOKEN = _adding(
    f"""
WITH expired AS (
    SELECT token FROM refresh_tokens WHERE expires_at <= $6::float8 ORDER BY expires_at LIMIT 2 FOR UPDATE SKIP LOCKED
), gone AS (DELETE FROM refresh_tokens WHERE token IN (SELECT token FROM expired))
INSERT INTO refresh_tokens ({TOKEN}) SELECT {_values(TOKEN)}
WHERE $4::bytea IS NULL OR EXISTS (SELECT FROM stores WHERE code = $4)
""",
    "token",
    TOKEN,
    "true",
)
FIND_TOKEN = f"SELECT {TOKEN} FROM refresh_tokens WHERE token = $1"
TAKE_TOKEN = f"""
WITH taken AS (
    DELETE FROM refresh_tokens WHERE token = $1 AND role = $2 AND store_code IS NOT DISTINCT FROM $3::bytea
    RETURNING user_id AS owner, expires_at
) SELECT {USER}, expires_at FROM taken LEFT JOIN users ON user_id = owner
"""
REVOKE_TOKENS = """
WITH gone AS (DELETE FROM refresh_tokens WHERE user_id = $1 RETURNING 1) SELECT count(*) FROM gone
"""

# ---------------------------------------------------------------- members and transactions
_MEMBER = f"{MEMBER}, email_key, phone_key, card_key"
ADD_MEMBER, PUT_MEMBER = _adding(
    f"INSERT INTO members ({_MEMBER}) SELECT {_values(_MEMBER)} FROM stores WHERE code = $2",
    "store_code, customer_id",
    _MEMBER,
    "true",
)
WHY_NO_MEMBER = """
SELECT EXISTS (SELECT FROM stores WHERE code = $1),
    EXISTS (SELECT FROM members WHERE store_code = $1 AND customer_id = $2),
    EXISTS (SELECT FROM members WHERE store_code = $1 AND email_key = $3),
    EXISTS (SELECT FROM members WHERE store_code = $1 AND phone_key = $4),
    EXISTS (SELECT FROM members WHERE store_code = $1 AND card_key = $5)
"""
FIND_MEMBER = f"""
SELECT {MEMBER} FROM stores LEFT JOIN members ON store_code = code AND customer_id = $2 WHERE code = $1
"""
COUNT_MEMBERS = """
SELECT count(m.n), count(*) FILTER (WHERE registered_at <= $2 AND registered_at > $3),
    count(*) FILTER (WHERE registered_at <= $2 AND registered_at > $4),
    count(*) FILTER (WHERE registered_at <= $2 AND registered_at > $5),
    count(*) FILTER (WHERE registered_at <= $2 AND registered_at > $6)
FROM stores LEFT JOIN members m ON store_code = code AND ($7::boolean IS NULL OR $7 = EXISTS (
    SELECT FROM transactions t WHERE t.store_code = m.store_code AND t.customer_id = m.customer_id
)) WHERE code = $1 GROUP BY code
"""
# $5 to $8 name the buyer: by id, card number, e-mail and phone, in this order (assumption A26).
BUYER = """coalesce(
    (SELECT customer_id FROM members WHERE store_code = $2 AND customer_id = $5::bytea),
    (SELECT customer_id FROM members WHERE store_code = $2 AND card_key = $6::bytea),
    (SELECT customer_id FROM members WHERE store_code = $2 AND email_key = $7::bytea),
    (SELECT customer_id FROM members WHERE store_code = $2 AND phone_key = $8::bytea)
)"""
ADD_TRANSACTION, PUT_TRANSACTION = _adding(
    f"""
INSERT INTO transactions ({TRANSACTION}) SELECT $1::bytea, $2::bytea, $3::float8, {BUYER}, $4::bytea
FROM stores WHERE code = $2
""",
    "store_code, transaction_id",
    TRANSACTION,
    "customer_id",
)

# ---------------------------------------------------------------- events
EMIT = "SELECT emit_event($1, $2, $3, $4, $5)"

# ---------------------------------------------------------------- subscriptions
_SUBSCRIPTION = f"{SUBSCRIPTION}, url, event_folded, url_folded"
ADD_SUBSCRIPTION, PUT_SUBSCRIPTION = _adding(
    f"INSERT INTO subscriptions ({_SUBSCRIPTION}) SELECT {_values(_SUBSCRIPTION)} FROM stores WHERE code = $2",
    "store_code, subscription_id",
    _SUBSCRIPTION,
    "true",
)
FIND_SUBSCRIPTION = f"""
SELECT {SUBSCRIPTION} FROM stores LEFT JOIN subscriptions ON store_code = code AND subscription_id = $2 WHERE code = $1
"""
SUBSCRIPTIONS_OF = f"""
SELECT {SUBSCRIPTION} FROM stores LEFT JOIN subscriptions s ON store_code = code AND event_name = $2
WHERE code = $1 ORDER BY s.n
"""
# $7 is whether signing is to be on, NULL if that stays as it is; $6 the secret that it would begin with.
REPLACE_DESTINATION = """
UPDATE subscriptions SET destination = $3, url = $4, url_folded = $5,
    secret = CASE WHEN $7::boolean IS NULL THEN secret WHEN $7 THEN coalesce(secret, $6::bytea) END,
    key_version = CASE
        WHEN $7 IS NULL OR ($7 AND secret IS NOT NULL) THEN key_version
        WHEN $7 THEN 1
    END,
    rotated_at = CASE WHEN $7 IS NULL OR ($7 AND secret IS NOT NULL) THEN rotated_at END
WHERE store_code = $1 AND subscription_id = $2 RETURNING coalesce($7 AND secret = $6, false)
"""
DELETE_SUBSCRIPTION = "DELETE FROM subscriptions WHERE store_code = $1 AND subscription_id = $2 RETURNING true"
ROTATE_KEY = """
UPDATE subscriptions SET secret = $3, key_version = key_version + 1, rotated_at = $4
WHERE store_code = $1 AND subscription_id = $2 AND secret IS NOT NULL
    AND NOT coalesce(rotated_at - $6::float8 <= $4 AND $4 < rotated_at + $5::float8, false)
RETURNING true
"""
