"""A few calls by the client that openapi-python-client makes of the document.

openapi-python-client generate --url http://localhost:8000/openapi.json --meta none --output-path made
WORKSHOP_URL=http://localhost:8181 python workshop_client.py     (the application, or its mock)
"""

import os

from made import AuthenticatedClient
from made.api.tools import add_tool, list_tools, remove_tool
from made.models import Category, HTTPValidationError, NewTool, Tool, Tools

client = AuthenticatedClient(
    base_url=os.environ.get("WORKSHOP_URL", "http://localhost:8000"),
    token=os.environ.get("WORKSHOP_API_KEY", "workshop-key"),
    prefix="",
    auth_header_name="X-API-Key",
)

tool = add_tool.sync(client=client, body=NewTool(name="Spade", category=Category.GARDEN))
assert isinstance(tool, Tool), tool
print("made", tool.id, "in" if tool.available else "out")

found = list_tools.sync(client=client, category=Category.GARDEN, limit=5)
assert isinstance(found, Tools), found
print("found", len(found.items), "of", found.total)

refused = list_tools.sync_detailed(client=client, limit=0)
assert isinstance(refused.parsed, HTTPValidationError), refused
print("refused", refused.status_code.value, [one.msg for one in refused.parsed.detail or []])

assert remove_tool.sync_detailed(client=client, tool_id=tool.id).status_code == 204
print("removed")
