"""Child processes that use a store as a command or a crashing interface would."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE

STREAMER = """
import pathlib, sys
from aigc_tui.store import Status, Store
store = Store.open(pathlib.Path(sys.argv[1]))
conversation = store.conversations.create(title="streamed")
parent = None
while True:
    asked = store.messages.add(
        conversation=conversation.id, parent=parent, role="user", content="question 问题")
    reply = store.messages.add(
        conversation=conversation.id, parent=asked.id, role="assistant", status=Status.STREAMING)
    words = ""
    for number in range(20):
        words += f"word{number} 词语{number} "
        store.messages.flush(reply.id, words, number)
        print(reply.id, number, flush=True)
    store.messages.finish(reply.id, words, Status.COMPLETE)
    parent = reply.id
"""

WRITER = """
import pathlib, sys
from aigc_tui.store import Store
with Store.open(pathlib.Path(sys.argv[1])) as store:
    conversation = store.conversations.create(title=sys.argv[2])
    for number in range(int(sys.argv[3])):
        head = store.conversations.get(conversation.id).head
        text = f"{sys.argv[2]} {number}"
        store.messages.add(conversation=conversation.id, parent=head, role="user", content=text)
"""


def child_environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


def start(script: str, path: Path, *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", script, str(path), *arguments]
    return subprocess.Popen(command, stdout=PIPE, stderr=PIPE, env=child_environment())
