"""The walkthrough by the client that openapi-python-client makes: WALKTHROUGH BASE-URL HOOK-URL"""

import datetime as dt
import sys
from typing import TypeVar

from client import AuthenticatedClient, Client
from client.api.authorization import admin_login_check, member_login_check, token_refresh
from client.api.member import field_member_post
from client.api.transactions import field_transaction_post
from client.api.webhook_event import webhook_event_get_list
from client.api.webhook_subscription import (
    field_webhook_subscription_post,
    webhook_subscription_delete,
    webhook_subscription_get_list,
    webhook_subscription_rotate_hmac_key,
)
from client.models import (
    BadRequest,
    Credentials,
    HmacSecretKey,
    MemberCreated,
    MemberCredentials,
    MemberPost,
    MemberPostRequest,
    RefreshToken,
    RestWebhookPost,
    TokenAndRefreshToken,
    TransactionCreated,
    TransactionCustomerData,
    TransactionHeader,
    TransactionHeaderDocumentType,
    TransactionItem,
    TransactionPost,
    TransactionPostRequest,
    WebhookEventList,
    WebhookEventName,
    WebhookSubscriptionCreated,
    WebhookSubscriptionList,
    WebhookSubscriptionPostRequest,
)

T = TypeVar("T")  # glue
STORE = "DEFAULT"


def expect(kind: type[T], answer: object) -> T:  # glue
    """The answer, if it is of this kind: an operation returns the body of any status."""
    if not isinstance(answer, kind):  # glue
        raise SystemExit(f"expected {kind.__name__}: {answer}")  # glue
    return answer  # glue


base, url = sys.argv[1:]

# An admin logs in; the token goes along with all that follows.
visitor = Client(base)
credentials = Credentials("admin", "password")
admin = expect(TokenAndRefreshToken, admin_login_check.sync(client=visitor, body=credentials))
client = AuthenticatedClient(base, admin.token)

# Which events are there? Have one sent, signed.
events = expect(WebhookEventList, webhook_event_get_list.sync(STORE, client=client))
wanted = RestWebhookPost(WebhookEventName.TRANSACTIONREGISTERED, url, hmac_enabled=True)
subscription = WebhookSubscriptionPostRequest(wanted)
created = expect(
    WebhookSubscriptionCreated, field_webhook_subscription_post.sync(STORE, client=client, body=subscription)
)
print(f"{len(events.items)} events, a key of {len(created.hmac_secret_key or '')} characters")

# A member is added; another one, whom the mock knows, logs in.
customer = MemberPostRequest(MemberPost("zoe@example.com", first_name="Zoë", birth_date=dt.date(1990, 5, 17)))
member = expect(MemberCreated, field_member_post.sync(STORE, client=client, body=customer))
login = MemberCredentials("member", "password")
session = expect(TokenAndRefreshToken, member_login_check.sync(STORE, client=visitor, body=login))
print(f"{member.email}, a token of {len(session.token.split('.'))} parts")

# The member buys something.
header = TransactionHeader("INV-1", "2026-01-16T17:05:00+00:00", TransactionHeaderDocumentType.SELL)
item = TransactionItem("MUG", "Mug", "tableware", 19.99, high_precision_quantity=1)
buyer = TransactionCustomerData(str(member.customer_id))
purchase = TransactionPostRequest(TransactionPost([item], header, buyer))
transaction = expect(TransactionCreated, field_transaction_post.sync(STORE, client=client, body=purchase))
print(f"a transaction with an id of {len(str(transaction.transaction_id))} characters")

# The subscription is in the list. Its key is replaced.
page = webhook_subscription_get_list.sync(
    STORE, client=client, field_items_on_page=1, event_nameeq="TransactionRegistered"
)
rows = expect(WebhookSubscriptionList, page)
for row in rows.items:
    print(f"{row.event_name} since {row.created_at.date()}")
rotated = expect(
    HmacSecretKey, webhook_subscription_rotate_hmac_key.sync(STORE, created.webhook_subscription_id, client=client)
)
print(f"a new key of {len(rotated.hmac_secret_key)} characters")

# The session is renewed, and the subscription ends.
renewed = expect(TokenAndRefreshToken, token_refresh.sync(client=visitor, body=RefreshToken(admin.refresh_token)))
webhook_subscription_delete.sync_detailed(STORE, created.webhook_subscription_id, client=client)
print(f"a new token of {len(renewed.token.split('.'))} parts")

# The same member again is refused, and the error says where.
refused = expect(BadRequest, field_member_post.sync(STORE, client=client, body=customer))
for problem in refused.errors:
    print(f"{refused.code} {problem.path}: {problem.message}")
