"""How many threads compute, by the time that steps take, on a clock of the test's own."""

from __future__ import annotations

from collections.abc import Callable

from aigc_tui.inference.pace import Pace


class Machine:
    """Steps take as long as it says for so many threads."""

    def __init__(self, threads: int, seconds: Callable[[int], float]) -> None:
        self.now, self.used, self.seconds = 0.0, 0, seconds
        self.pace = Pace(threads, self._use, lambda: self.now)
        self.counts: list[int] = []

    def _use(self, threads: int) -> None:
        self.used = threads

    def run(self, steps: int) -> list[int]:
        counts = []
        for _ in range(steps):
            with self.pace.step():
                self.now += self.seconds(self.used)
            counts.append(self.used)
        return counts


def quiet(threads: int) -> float:
    return 1.0 / threads


def crowded(threads: int) -> float:
    return 1.2 if threads == 1 else 9.0


def test_a_quiet_machine_computes_with_all_threads_but_for_one_trial() -> None:
    counts = Machine(2, quiet).run(500)
    assert counts.count(1) == 2
    assert counts[-400:] == [2] * 400


def test_a_crowded_machine_computes_with_one_thread_and_tries_more_ever_more_rarely() -> None:
    machine = Machine(4, crowded)
    counts = machine.run(1000)
    assert counts[:2] == [4, 4]
    assert counts.count(4) <= 2 + 2 * 7
    assert counts[-1] == 1


def test_all_threads_come_back_soon_after_the_other_program_has_ended() -> None:
    machine = Machine(2, crowded)
    machine.run(40)
    machine.seconds = quiet
    counts = machine.run(100)
    assert counts[-20:] == [2] * 20


def test_a_program_that_begins_later_is_noticed_within_a_few_steps() -> None:
    machine = Machine(2, quiet)
    machine.run(50)
    machine.seconds = crowded
    assert machine.run(10)[-6:] == [1] * 6


def test_one_slow_step_changes_nothing() -> None:
    machine = Machine(2, quiet)
    machine.run(50)
    machine.seconds = crowded
    machine.run(1)
    machine.seconds = quiet
    assert machine.run(20) == [2] * 20


def test_a_step_counts_by_its_size() -> None:
    machine = Machine(2, quiet)
    machine.run(50)
    with machine.pace.step(16):
        machine.now += 16 * quiet(machine.used)
    assert machine.run(5) == [2] * 5


def test_one_thread_is_left_alone() -> None:
    machine = Machine(1, quiet)
    with machine.pace.step():
        pass
    assert machine.used == 0
