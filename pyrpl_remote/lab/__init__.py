"""What a person who looks after a lab needs, without a session with any board.

- `look`: which boards there are, on this machine, on paired hosts, and on the network
- `examine`: what is wrong with a board, or with this machine, and what to do about it
- `log`: the log of a board's daemon
- `stop_and_wait`: end a board's daemon
- `share`, `unshare`: let other machines use the boards of this one
- `join`, `peers`, `revoke`: pair this machine with another one, list these, end it
- `configuration`, `save`, `check`: the one configuration of the lab, lab.toml

The command line and the panel use it.
"""

from .boards import Announced, Boards, Host, look, stop_and_wait
from .configuration import LabFile, check, configuration, path, save
from .examination import FAILED, OK, SKIPPED, Finding, Result, examine
from .hosts import Invited, Peer, join, peers, revoke, share, shared_as, unshare
from .logs import log

__all__ = [
    "FAILED",
    "OK",
    "SKIPPED",
    "Announced",
    "Boards",
    "Finding",
    "Host",
    "Invited",
    "LabFile",
    "Peer",
    "Result",
    "check",
    "configuration",
    "examine",
    "join",
    "log",
    "look",
    "path",
    "peers",
    "revoke",
    "save",
    "share",
    "shared_as",
    "stop_and_wait",
    "unshare",
]
