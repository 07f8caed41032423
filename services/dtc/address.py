"""Where a DTC server is, as the trader writes it: dtc://[USER@]HOST:PORT[?option=value&…].

An address is parsed once, at the start, into settings that cannot be wrong; what we do not speak yet is refused
with a sentence instead of failing later. A password in an address would end up in shell histories and logs, so it
is refused too.
"""

import hashlib
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qsl, urlsplit

from core.errors import ConfigurationError
from services.dtc.enums import EncodingEnum

SCHEME = "dtc"
SIMULATOR_SLUG = "sim"  # the embedded simulator's own; nothing else may be called so

# None is "auto": ask for binary and follow the server's answer.
ENCODINGS: dict[str, EncodingEnum | None] = {
    "auto": None,
    "binary": EncodingEnum.BINARY_ENCODING,
    "json": EncodingEnum.JSON_ENCODING,
    "compact": EncodingEnum.JSON_COMPACT_ENCODING,
}
PLANNED_ENCODINGS = ("vls", "protobuf")
OPTIONS = ("encoding", "history", "tls", "transport", "name")

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """A line to a DTC server.

    Attributes:
        slug: the connection's stable name in every key; empty while the address names none.
        user: logon name; empty when the server asks for none.
        encoding: the wish; None asks for binary and follows the answer.
        history_port: where historical prices are served; None when not told.
    """

    slug: str
    host: str
    port: int
    user: str = ""
    encoding: EncodingEnum | None = None
    history_port: int | None = None

    @property
    def server(self) -> str:
        """Host and port, for words to the trader."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_address(url: str) -> ConnectionSettings:
    """Return the settings an address means; its slug is empty when it has no `name`.

    Raises:
        ConfigurationError: it cannot be used; one sentence says why and what would be accepted.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError as error:
        raise ConfigurationError(f"The address cannot be read ({error}); expected dtc://[USER@]HOST:PORT.") from None
    if parts.scheme != SCHEME:
        raise ConfigurationError(f"The address has to begin with dtc://, not {_shown(parts)!r}.")
    if parts.password is not None:
        raise ConfigurationError(
            "A password must not be part of an address; leave it out, it is asked for, taken from the system's "
            "keyring or from STANCHION_PASSWORD."
        )
    if not parts.hostname or any(character.isspace() for character in parts.hostname):
        raise ConfigurationError(f"{_shown(parts)} names no host; expected dtc://[USER@]HOST:PORT.")
    if not port:
        raise ConfigurationError(f"{_shown(parts)} needs a port from 1 to 65535, such as dtc://{parts.hostname}:11099.")
    if parts.path not in ("", "/") or parts.fragment:
        raise ConfigurationError(f"{_shown(parts)} goes on after the port; only options behind a ? are understood.")
    options = _options(parts)
    return ConnectionSettings(
        slug=_slug(options.get("name")),
        host=parts.hostname,
        port=port,
        user=parts.username or "",
        encoding=_encoding(options.get("encoding", "auto")),
        history_port=_history_port(options.get("history")),
    )


def default_slug(settings: ConnectionSettings) -> str:
    """Return a stable name for an address without one: the same for the same host, port and user."""
    identity = "\n".join((SCHEME, settings.host.lower(), str(settings.port), settings.user))
    host = re.sub(r"[^a-z0-9]+", "-", settings.host.lower()).strip("-")[:20].rstrip("-")
    return "-".join(part for part in (SCHEME, host, hashlib.sha256(identity.encode()).hexdigest()[:6]) if part)


def _options(parts: SplitResult) -> dict[str, str]:
    options: dict[str, str] = {}
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        if name not in OPTIONS:
            raise ConfigurationError(f"The option {name!r} is not known; there are {', '.join(OPTIONS)}.")
        if name in options:
            raise ConfigurationError(f"The option {name!r} is given twice.")
        options[name] = value
    if options.get("tls", "0") != "0":
        if options["tls"] != "1":
            raise ConfigurationError(f"tls={options['tls']} is not understood; 0 and 1 are.")
        raise ConfigurationError("TLS is not served yet; leave out tls=1 and use a server on this machine or a tunnel.")
    if options.get("transport", "tcp") != "tcp":
        if options["transport"] != "ws":
            raise ConfigurationError(f"transport={options['transport']} is not understood; tcp and ws are.")
        raise ConfigurationError("WebSocket is not served yet; leave out transport=ws.")
    return options


def _encoding(name: str) -> EncodingEnum | None:
    if name in PLANNED_ENCODINGS:
        raise ConfigurationError(f"The encoding {name} is not served yet; use {', '.join(ENCODINGS)}.")
    if name not in ENCODINGS:
        raise ConfigurationError(f"The encoding {name!r} is not known; use {', '.join(ENCODINGS)}.")
    return ENCODINGS[name]


def _history_port(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= 65535:
        raise ConfigurationError(f"history={text} is not a port; a number from 1 to 65535 is expected.")
    return int(text)


def _slug(name: str | None) -> str:
    if name is None:
        return ""
    if name == SIMULATOR_SLUG:
        raise ConfigurationError("The name 'sim' belongs to the built-in simulator; choose another.")
    if not _SLUG.fullmatch(name):
        raise ConfigurationError(
            f"The name {name!r} cannot be used; 1 to 32 small letters, digits and dashes are expected."
        )
    return name


def _shown(parts: SplitResult) -> str:
    """Return the address without user, password and options, none of which belong into a message."""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if parts.scheme else parts.path[:40]
