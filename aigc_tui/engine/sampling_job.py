"""Show how a model chooses its tokens, in a process of its own: what is asked, and what comes back."""

from __future__ import annotations

from aigc_tui.inference.types import SampleReport, SampleRequest
from aigc_tui.message import message
from aigc_tui.process import runner
from aigc_tui.process.codec import ProtocolError, from_plain, to_plain
from aigc_tui.process.messages import JobError
from aigc_tui.process.runner import Tell

_CHILD = "inference.sample_job"


def run(request: SampleRequest, tell: Tell | None = None) -> SampleReport:
    """Continue a prompt in a child process.

    Args:
        request: What and how.
        tell: Told of the progress.

    Raises:
        JobError: Model or settings cannot be used; the message is one line.
    """
    answer = runner.run(_CHILD, name=message("the sampling"), request=to_plain(request), tell=tell)
    try:
        return from_plain(SampleReport, answer)
    except ProtocolError:
        raise JobError("the sampling gave no report") from None
