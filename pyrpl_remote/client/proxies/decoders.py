"""What arrives from the daemon and stands for something that lives there, and what it becomes here."""

from .config_tree import ConfigBranch
from .curves import make
from .module import module_proxy

ARRIVALS = {"!module": module_proxy, "!config": ConfigBranch, "!curve": make}
"""By the value's tag; see wire.py for the tags."""
