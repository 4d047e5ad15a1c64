"""The names that the name server knows, and who may change them: its Pyro5 object, `Pyro.NameServer`.

It answers what Pyro5's own answers, but for look-ups by regular expression, which can take for ever. A name
of a board that lives is not replaced. On Linux, only the user of the process that listens registers and
removes names for it; where the system does not tell, everybody may.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

import Pyro5.api
from Pyro5 import errors

from ..machine import users
from ..machine.other_end import has_tables, listener_uid, other_uid

NAME_SERVER = "Pyro.NameServer"
"""Its own name."""

BOARDS = "pyrpl."
"""How the names of boards and modules begin."""

MAX_NAMES = 5000
MAX_NAMES_OF_ANOTHER = 1000
MAX_NAME = 300
MAX_URI = 500
MAX_TAGS = 50
MAX_TAG = 5000
"""How many names there may be, and how many of a user who is not the name server's (40 boards have 1000); how
long (in characters) names, URIs and tags; how many tags a name has."""

GONE: users.User = -1
"""The user of clients that do not wait for an answer. Together they have as many names as another user."""

LOOPBACK = ("127.0.0.1", "localhost", "::1")

Tags = set[str] | None

EXPOSED = ("ping", "count", "lookup", "register", "set_metadata", "remove", "list", "yplookup")
"""The methods that clients may call."""


class NameTable:
    """The names with their URIs and tags. May be used from any thread."""

    def __init__(self, own_uri: str, lives: Callable[[str], bool]) -> None:
        """`lives(uri)` tells whether something answers there."""
        self._lock = threading.RLock()
        self._lives = lives
        self._own_uri = own_uri
        # the users who registered names, if they are other ones than this process's
        self._others: dict[str, users.User] = {}
        self._names: dict[str, tuple[str, Tags]] = {
            NAME_SERVER: (own_uri, {"class:Pyro5.nameserver.NameServer"})
        }

    def ping(self) -> None:
        """Do nothing."""

    def count(self) -> int:
        """How many names there are."""
        return len(self._names)

    def lookup(self, name: str, return_metadata: bool = False) -> Any:
        """The URI of a name, with `return_metadata` also its tags. Raises NamingError."""
        _require_text("a name", name, MAX_NAME)
        with self._lock:
            found = self._names.get(name)
        if found is None:
            raise errors.NamingError(f"unknown name: {name}")
        uri = Pyro5.api.URI(found[0])
        return (uri, set(found[1] or ())) if return_metadata else uri

    def register(self, name: str, uri: Any, safe: bool = False, metadata: Any = None) -> None:
        """Register a name. Raises NamingError if it may not, or if there is one already and `safe`."""
        _require_text("a name", name, MAX_NAME)
        text = str(uri) if isinstance(uri, Pyro5.api.URI) else uri
        _require_text("a URI", text, MAX_URI)
        place = Pyro5.api.URI(text)
        tags = _tags(metadata)
        if name == NAME_SERVER:
            raise errors.NamingError(f"{name} is the name server's own name")
        if name.startswith(BOARDS):
            self._require_owner(name, place)
        other = _other_user()
        with self._lock:
            present = self._names.get(name)
        if present is not None and present[0] != text:
            if safe:
                raise errors.NamingError(f"name already registered: {name}")
            # outside the lock: it may take a while
            if name.startswith(BOARDS) and not _same_process(present[0], place) and self._lives(present[0]):
                raise errors.NamingError(f"{name} is the name of a daemon that lives: nobody replaces it")
        with self._lock:
            if name not in self._names and len(self._names) >= MAX_NAMES:
                raise errors.NamingError(f"there are {MAX_NAMES} names: no more are registered")
            if other is not None and name not in self._names:
                if sum(user == other for user in self._others.values()) >= MAX_NAMES_OF_ANOTHER:
                    raise errors.NamingError(f"a user registers at most {MAX_NAMES_OF_ANOTHER} names here")
                self._others[name] = other
            if self._names.get(name) not in (present, None):
                raise errors.NamingError(f"{name} was registered by another process meanwhile")
            if safe and name in self._names:
                raise errors.NamingError(f"name already registered: {name}")
            self._names[name] = text, tags

    def set_metadata(self, name: str, metadata: Any) -> None:
        """Replace the tags of a name. Raises NamingError."""
        tags = _tags(metadata)
        uri = str(self.lookup(name))
        self._require_removable(name, uri)
        with self._lock:
            self._names[name] = uri, tags

    def remove(self, name: Any = None, prefix: Any = None, regex: Any = None) -> int:
        """Remove a name, or all names that begin with `prefix`; returns how many were removed."""
        if regex is not None:
            raise _no_regex()
        with self._lock:
            if name:
                _require_text("a name", name, MAX_NAME)
                wanted = [name] if name in self._names else []
            else:
                wanted = list(self._with_prefix(prefix)) if prefix else []
            found = {one: self._names[one][0] for one in wanted if one != NAME_SERVER}
        for one, uri in found.items():
            self._require_removable(one, uri)
        return sum(self.forget(one, uri) for one, uri in found.items())

    def list(self, prefix: Any = None, regex: Any = None, return_metadata: bool = False) -> dict[str, Any]:
        """The URIs of all names, or of those that begin with `prefix`."""
        if regex is not None:
            raise _no_regex()
        return self._shown(self._with_prefix(prefix or ""), return_metadata)

    def yplookup(
        self, meta_all: Any = None, meta_any: Any = None, return_metadata: bool = True
    ) -> dict[str, Any]:
        """The names that have all of the tags `meta_all`, or any of `meta_any`."""
        if meta_all and meta_any:
            raise ValueError("you can't use meta_all or meta_any at the same time")
        all_of, any_of = _tags(meta_all) or set(), _tags(meta_any) or set()
        if not all_of and not any_of:
            return {}
        with self._lock:
            found = {
                name: entry
                for name, entry in self._names.items()
                if (all_of <= (entry[1] or set()) if all_of else any_of & (entry[1] or set()))
            }
        return self._shown(found, return_metadata)

    def entries(self) -> dict[str, str]:
        """All names but its own, with their URIs."""
        with self._lock:
            return {name: uri for name, (uri, _) in self._names.items() if name != NAME_SERVER}

    def forget(self, name: str, uri: str) -> bool:
        """Remove a name if it still has this URI; returns whether it was removed."""
        with self._lock:
            if self._names.get(name, ("",))[0] != uri:
                return False
            del self._names[name]
            self._others.pop(name, None)
            return True

    def _with_prefix(self, prefix: str) -> dict[str, tuple[str, Tags]]:
        if prefix != "":
            _require_text("a prefix", prefix, MAX_NAME)
        with self._lock:
            return {name: entry for name, entry in self._names.items() if name.startswith(prefix)}

    @staticmethod
    def _shown(found: dict[str, tuple[str, Tags]], return_metadata: bool) -> dict[str, Any]:
        if return_metadata:
            return {name: (uri, set(tags or ())) for name, (uri, tags) in found.items()}
        return {name: uri for name, (uri, _) in found.items()}

    def _require_owner(self, name: str, place: Pyro5.api.URI) -> None:
        """Raise NamingError unless the client's user is the one of the process that listens at `place`."""
        if place.protocol != "PYRO" or place.host not in LOOPBACK:
            raise errors.NamingError(
                f"{name}: a board's daemon listens on this machine only, not at {place.location}"
            )
        self._require_user(name, place)

    def _require_removable(self, name: str, uri: str) -> None:
        if name == NAME_SERVER:
            raise errors.NamingError(f"{name} is the name server's own name")
        if name.startswith(BOARDS):
            self._require_user(name, Pyro5.api.URI(uri))

    @staticmethod
    def _require_user(name: str, place: Pyro5.api.URI) -> None:
        connection = Pyro5.api.current_context.client
        user = None if connection is None else _user_of(connection)
        listener = listener_uid(place.port, place.host)
        if listener is None or user in (0, listener) or (user is None and not has_tables()):
            return
        raise errors.NamingError(f"{name}: another user's process listens at {place.location}")


for _method in EXPOSED:
    Pyro5.api.expose(vars(NameTable)[_method])


def _other_user() -> users.User | None:
    """The user of the client whose request this is, None for this process's user, and where nobody tells.

    GONE where the system tells of every connection but this one: its client has closed it meanwhile.
    """
    connection = Pyro5.api.current_context.client
    user = None if connection is None else _user_of(connection)
    if connection is not None and user is None and has_tables():
        return GONE
    return None if user in (users.ROOT, users.this_user()) else user


def _user_of(connection: Any) -> int | None:
    """The user at the other end of a connection, of which the system is asked once: that takes a while."""
    if getattr(connection, "user", None) is None:
        connection.user = other_uid(connection.sock)
    found: int | None = connection.user
    return found


def _same_process(uri: str, place: Pyro5.api.URI) -> bool:
    present = Pyro5.api.URI(uri)
    return bool((present.host, present.port) == (place.host, place.port))


def _tags(metadata: Any) -> Tags:
    if metadata is None:
        return None
    if isinstance(metadata, str) or not isinstance(metadata, Iterable):
        raise TypeError("metadata should not be a str, but another iterable (set, list, etc)")
    tags = list(metadata)
    if len(tags) > MAX_TAGS:
        raise ValueError(f"a name has at most {MAX_TAGS} tags")
    for tag in tags:
        _require_text("a tag", tag, MAX_TAG)
    return set(tags)


def _require_text(what: str, text: Any, longest: int) -> None:
    if not isinstance(text, str):
        raise TypeError(f"{what} is a text, not {text!r:.40}")
    if not 0 < len(text) <= longest or not text.isprintable():
        raise ValueError(f"{what} is a text of 1 to {longest} printable characters, not {text!r:.80}")


def _no_regex() -> errors.NamingError:
    return errors.NamingError("this name server takes no regular expressions: use a prefix, or metadata")
