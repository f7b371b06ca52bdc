"""How the stand-in behaves: its rate limit, and the bad days that tests ask for."""

import time
from collections import deque
from dataclasses import dataclass, field
from typing import Literal

Mood = Literal["well", "slow", "error", "ratelimited", "lost"]


@dataclass
class Manners:
    """
    `mood` holds for the next `times` posts (or until changed, when None).

    "slow" answers after `seconds`; "error" is HTTP 500; "ratelimited" is HTTP 429 with `seconds` to wait; "lost" keeps the
    message and answers HTTP 500, as a proxy does that gives up too early. `burst` posts may come within `burst_s` seconds.
    """

    mood: Mood = "well"
    seconds: float = 1.0
    times: int | None = None
    burst: int = 40
    burst_s: float = 20.0
    _posts: deque[float] = field(default_factory=deque)

    def next_mood(self) -> Mood:
        """How the post that has just come is treated; spends one of `times`."""
        mood = self.mood
        if self.times is not None:
            self.times -= 1
            if self.times <= 0:
                self.mood, self.times = "well", None
        return mood if mood != "well" or self._has_room() else "ratelimited"

    def _has_room(self) -> bool:
        now = time.monotonic()
        while self._posts and self._posts[0] < now - self.burst_s:
            self._posts.popleft()
        if len(self._posts) >= self.burst:
            return False
        self._posts.append(now)
        return True
