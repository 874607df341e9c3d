"""Where something stands in its script. It is asked, never woken: what is due by the clock comes at the next look."""

from __future__ import annotations

from dataclasses import dataclass, field

from airflow_provider_orgauth.emulator.script import Kind, State, Step, Steps


@dataclass(slots=True)
class Course:
    """The state of a shipment, a job or a device, and the steps that are still to come.

    :param since: epoch seconds at which the state began: when its step was due, not when somebody looked.
    :param scripted: whether its steps were given; else they are those of the settings, and change with them.
    :param polls: how often it was asked for.
    :param came_by: the step that led to the state; None at the start.
    """

    kind: Kind
    state: State
    since: float
    steps: Steps = ()
    scripted: bool = False
    polls: int = 0
    came_by: Step | None = None
    _from_polls: int = field(default=0, init=False)
    _from_time: float = field(init=False)

    def __post_init__(self) -> None:
        self._from_time = self.since

    @property
    def ended(self) -> bool:
        """Whether nothing follows."""
        return self.state in self.kind.ends

    def look(self, now: float) -> None:
        """Take the steps that are due by the clock."""
        while self.steps:
            due = self._due(self.steps[0])
            if due is None or due > now:
                return
            self._take(self.steps[0], due)

    def poll(self, now: float) -> None:
        """Count one request for it, and take the steps that are due by the clock or by this poll."""
        self.look(now)
        self.polls += 1
        polls = self.steps[0].polls if self.steps else None
        if polls is not None and self.polls - self._from_polls >= polls:
            self._take(self.steps[0], now)
            self.look(now)

    def follow(self, steps: Steps, now: float) -> None:
        """Go by these steps from now on.

        :raises ValueError: if it has ended.
        """
        self.look(now)
        if self.ended:
            raise ValueError(f"the {self.kind.name} is {self.state} already: nothing follows that")
        self.steps, self.scripted = steps, True
        # What the first step counts, it counts from now; the state itself began when it began.
        self._from_polls, self._from_time = self.polls, now
        self.look(now)

    def default(self, steps: Steps) -> None:
        """Go by these steps, unless others were given; they count from the start."""
        if not self.scripted and not self.ended:
            self.steps = steps

    def enter(self, state: State, now: float) -> None:
        """Change to ``state`` because a client asked for it; a script that was to come is dropped."""
        self.steps, self.scripted = (), True
        self._take(Step(state), now)

    def part(self, now: float) -> float:
        """Return how far it is on the way to the next step, from 0 to 1."""
        if not self.steps:
            return 0.0
        step = self.steps[0]
        by_polls = (self.polls - self._from_polls) / step.polls if step.polls else 0.0
        by_time = (now - self._from_time) / step.seconds if step.seconds else 0.0
        return min(1.0, max(0.0, by_polls, by_time))

    def _due(self, step: Step) -> float | None:
        if step.seconds is None:
            return self._from_time if step.polls is None else None
        return self._from_time + step.seconds

    def _take(self, step: Step, at: float) -> None:
        self.state, self.since, self.came_by, self.steps = step.state, at, step, self.steps[1:]
        self._from_polls, self._from_time = self.polls, at
