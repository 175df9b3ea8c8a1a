"""Two programs on the same work, in turns: a machine that is busy for a while slows both."""
import statistics
from typing import NamedTuple

TURNS = 9


class Comparison(NamedTuple):
    """Medians of what each turn measured of the floor and of ours, and of ours divided by the floor's."""
    floor: float
    ours: float
    ratio: float

    def cells(self, figure, scale=1.0):
        return figure(self.floor * scale), figure(self.ours * scale), f"{self.ratio:.2f}"


def compare(measure_floor, measure_ours, turns=TURNS):
    """Each of the two returns the figures of one run; returns a `Comparison` for each of these figures."""
    pairs = []
    for turn in range(turns):
        # Neither of the two is always the first.
        if turn % 2:
            ours, floor = measure_ours(), measure_floor()
        else:
            floor, ours = measure_floor(), measure_ours()
        pairs.append((floor, ours))
    figures = zip(*(zip(floor, ours) for floor, ours in pairs))
    return [
        Comparison(statistics.median(floor for floor, _ in figure), statistics.median(ours for _, ours in figure),
                   statistics.median(ours / floor for floor, ours in figure))
        for figure in figures
    ]
