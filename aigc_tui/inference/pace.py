"""How many threads compute: all of them, or one while another program keeps a core busy.

A step of several threads waits for the one whose core is taken, some hundred times a token: beside one busy
process on two cores, two threads wrote a token of a 0.5B model in 0.6 s, one thread in 0.12 s, and two
threads alone in 0.066 s. Nothing tells in advance which it will be, so each way is timed now and then.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch

_TRIED = 2
"""Steps by which a way is judged: the faster of them counts."""
_SLOWER, _FASTER = 1.4, 0.9
_FIRST_PAUSE, _LONGEST_PAUSE = 16, 256
"""Steps between two trials of all threads while one is faster; twice as many after each that fails."""


class Pace:
    """Chooses the number of threads for steps of one kind, such as writing a token.

    Args:
        threads: The most that may be used.
        use: Sets how many torch computes with.
        clock: Tells seconds.
    """

    def __init__(
        self,
        threads: int,
        use: Callable[[int], None] = torch.set_num_threads,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.threads = threads
        self._use, self._clock = use, clock
        self._alone: float | None = None
        """Seconds of a step with one thread, as last seen; None: never tried."""
        self._all = 0.0
        """Seconds of a step with all threads before one was tried."""
        self._single = False
        self._trial: list[float] = []
        self._is_trial = False
        self._slow = 0
        self._pause, self._left = _FIRST_PAUSE, 0

    @contextmanager
    def step(self, size: int = 1) -> Iterator[None]:
        """Compute one step, which takes `size` times as long as another."""
        if self.threads < 2:
            yield
            return
        self._use(1 if self._single else self.threads)
        began = self._clock()
        yield
        self._took((self._clock() - began) / size)

    def _took(self, seconds: float) -> None:
        if self._is_trial:
            self._trial.append(seconds)
            if len(self._trial) == _TRIED:
                self._judge(min(self._trial))
        elif self._single:
            self._alone = seconds
            self._left -= 1
            if self._left <= 0:
                self._try(single=False)
        else:
            # One slow step may be anything; several are another program.
            slow = self._alone is None or seconds > _SLOWER * self._alone
            self._slow = self._slow + 1 if slow else 0
            if self._slow >= _TRIED:
                self._all = seconds
                self._try(single=True)

    def _try(self, *, single: bool) -> None:
        self._single, self._is_trial, self._trial, self._slow = single, True, [], 0

    def _judge(self, seconds: float) -> None:
        self._is_trial = False
        if self._single:
            self._alone = seconds
            self._single = seconds < self._all
            self._left = self._pause
        else:
            assert self._alone is not None
            self._single = seconds > _FASTER * self._alone
            self._pause = min(2 * self._pause, _LONGEST_PAUSE) if self._single else _FIRST_PAUSE
            self._left = self._pause


@dataclass(frozen=True, slots=True)
class Paces:
    """The pace of reading a prompt, chunk by chunk, and of writing, token by token."""

    reading: Pace
    writing: Pace

    @classmethod
    def of(cls, threads: int) -> Paces:
        """Begin with so many threads."""
        return cls(Pace(threads), Pace(threads))
