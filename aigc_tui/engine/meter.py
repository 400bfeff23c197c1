"""Speed and time left of a transfer, from the bytes seen so far. Pure: the caller brings the clock."""

from __future__ import annotations

from collections import deque

WINDOW_SECONDS = 8.0
"""The speed is that of the last seconds: a connection that slowed down must not promise its old speed."""
LEAST_SECONDS = 0.5
"""Before so much time has passed, a speed would be a guess."""
_SPACING = 0.2


class Meter:
    """Measures one transfer.

    Args:
        total: Bytes in all; 0: unknown.
    """

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0
        self._seen: deque[tuple[float, int]] = deque()

    def at(self, now: float, done: int) -> None:
        """Note how many bytes are here at a moment.

        Args:
            now: Seconds of a clock that never goes back.
            done: Bytes so far. Fewer than before: the transfer began anew, and so does the measurement.
        """
        if done < self.done:
            self._seen.clear()
        self.done = done
        # What was here before the first look took no time of this transfer.
        if len(self._seen) > 1 and now - self._seen[-2][0] < _SPACING:
            self._seen[-1] = (now, done)
        else:
            self._seen.append((now, done))
        while len(self._seen) > 2 and now - self._seen[1][0] >= WINDOW_SECONDS:
            self._seen.popleft()

    @property
    def speed(self) -> float:
        """Bytes a second over the last seconds; 0: nobody knows yet."""
        if len(self._seen) < 2:
            return 0.0
        (start, before), (end, now) = self._seen[0], self._seen[-1]
        return (now - before) / (end - start) if end - start >= LEAST_SECONDS else 0.0

    @property
    def left(self) -> float | None:
        """Seconds until the end at this speed; None: nobody knows."""
        if not self.total or self.speed <= 0:
            return None
        return max(0, self.total - self.done) / self.speed
