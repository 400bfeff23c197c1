"""Put on PYTHONPATH, this notes every internet socket that a Python process opens, in `AIGC_SOCKET_LOG`.

An audit hook sees the sockets of every library, also those made in C, and children inherit it.
"""

from __future__ import annotations

import os
import socket
import sys

INTERNET = {socket.AF_INET, socket.AF_INET6}


def _note(event: str, arguments: tuple[object, ...]) -> None:
    opened = event == "socket.__new__" and arguments[1] in INTERNET
    if opened or event in {"socket.getaddrinfo", "socket.gethostbyname"}:
        with open(os.environ["AIGC_SOCKET_LOG"], "a", encoding="utf-8") as log:
            log.write(f"{event} by {sys.argv!r}\n")


if "AIGC_SOCKET_LOG" in os.environ:
    sys.addaudithook(_note)
