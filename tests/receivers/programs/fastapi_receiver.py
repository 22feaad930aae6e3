"""Serves the guide's receiver on FastAPI, which stands beside this file. It prints its address."""

import runpy
import socket
import sys
from pathlib import Path

import uvicorn

secret, path = sys.argv[1:]
receiver = runpy.run_path(str(Path(__file__).with_name("receiver.py")))["receiver"]
with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
    url = f"http://127.0.0.1:{listening.getsockname()[1]}{path}"
    sys.stdout.write(f"{url}\n")
    sys.stdout.flush()
    uvicorn.Server(uvicorn.Config(receiver(secret, url), log_level="critical")).run(sockets=[listening])
