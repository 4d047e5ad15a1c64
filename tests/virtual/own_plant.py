"""A plant as a user writes one, for `--plant own_plant:Swapped`."""

from __future__ import annotations

from pyrpl_remote.virtual.plants import OwnPlant


class Swapped(OwnPlant):
    """Cables crossed: out1 to in2, out2 to in1."""

    def __init__(self):
        super().__init__(lambda out1, out2, cycle, state: (out2, out1))
