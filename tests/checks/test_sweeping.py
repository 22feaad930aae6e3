"""A sweep goes by its ledger, not by the options of the run that it finishes."""

from pathlib import Path

import httpx2

from mockserver.checks import live
from mockserver.checks.ledger import Ledger
from mockserver.checks.options import Options
from mockserver.checks.session import Credentials
from mockserver.settings import Settings
from mockserver.testing import MockServer

WANTED = {"webhookSubscription": {"eventName": "CustomerRegistered", "url": "https://0a1b2c3d.mockserver-check.invalid/"}}


def test_sweep_enters_the_stores_of_its_ledger(tmp_path: Path) -> None:
    """A record in a store that the sweep's options don't name is deleted: the ledger does name it."""
    path, headers = "/api/OTHER/webhook/subscription", {"X-AUTH-TOKEN": "mock-api-key"}
    settings = Settings(stores=("DEFAULT", "OTHER"), log_level="error")
    with MockServer(settings) as mock, httpx2.Client(base_url=mock.url, headers=headers) as http:
        record = http.post(path, json=WANTED).json()["webhookSubscriptionId"]
        options = Options(mock.url, Credentials(api_key="mock-api-key"), report_dir=str(tmp_path))
        with Ledger.create(options.ledger_path, "0a1b2c3d", mock.url) as ledger:
            ledger.made(ledger.intend("_webhookSubscriptionPost", {"storeCode": "OTHER"}, "", marked=True), record)

        assert live.sweep(options) == []
        assert http.get(f"{path}/{record}").status_code == 404
