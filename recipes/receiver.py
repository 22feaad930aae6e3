"""A receiver of webhooks that prints them: `python3 receiver.py PORT`. compose.yaml has it for an example."""

import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import FrameType


class Receiver(BaseHTTPRequestHandler):
    """Answers 204 to whatever is posted. What to verify in a signature: docs/webhook-signatures.md."""

    def do_POST(self) -> None:
        """Print a delivery."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        sys.stdout.write(f"{self.path} {self.headers['X-Webhook-Signature']} {body!a}\n")
        sys.stdout.flush()
        self.send_response(204)
        self.end_headers()


def end(_number: int, _frame: FrameType | None) -> None:
    """End in order. The first process of a container has to say so: for it, SIGTERM does nothing of itself."""
    sys.exit()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    with ThreadingHTTPServer(("", int(sys.argv[1])), Receiver) as server:
        server.serve_forever()
