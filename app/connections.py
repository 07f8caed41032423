"""The connections of a run: addresses made into named lines, and the passwords they need."""

import getpass
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace

from app import keyboard
from app.config import SIMULATOR, StoredSettings
from core.errors import ConfigurationError
from services.dtc.address import ConnectionSettings, default_slug, parse_address

SERVICE = "stanchion"
VARIABLE = "STANCHION_PASSWORD"


def named_lines(
    addresses: Sequence[str], simulator_port: int, stored: StoredSettings, simulator_history: int | None = None
) -> tuple[list[ConnectionSettings], StoredSettings]:
    """Return the lines with their slugs, and the settings with slugs that are new.

    A slug once given to a scheme, host, port and user stays, since it is part of every key in the database.

    Raises:
        ConfigurationError: an address cannot be used, or two lines would have one name.
    """
    lines: list[ConnectionSettings] = []
    slugs = dict(stored.slugs)
    for address in addresses:
        if address == SIMULATOR:
            lines.append(ConnectionSettings(SIMULATOR, "127.0.0.1", simulator_port, history_port=simulator_history))
            continue
        line = parse_address(address)
        identity = f"dtc://{line.user}@{line.server}"
        slug = line.slug or slugs.get(identity) or default_slug(line)
        slugs.setdefault(identity, slug)
        lines.append(replace(line, slug=slug))
    names = [line.slug for line in lines]
    if len(set(names)) != len(names):
        raise ConfigurationError(f"Two connections would be named {max(names, key=names.count)!r}; add ?name=… to one.")
    return lines, replace(stored, slugs=slugs)


def passwords(
    lines: Sequence[ConnectionSettings], environment: Mapping[str, str] = os.environ, is_needed: bool = True
) -> dict[str, str]:
    """Return the password of each line that has a user: from the environment, the keyring, or a prompt.

    Args:
        is_needed: without one there is no start; else it is left out, and the broker says what he makes of that.

    Raises:
        ConfigurationError: one is needed, and cannot be had.
    """
    return {line.slug: _password(line, environment, is_needed) for line in lines if line.user}


def _password(line: ConnectionSettings, environment: Mapping[str, str], is_needed: bool) -> str:
    if environment.get(VARIABLE):
        return environment[VARIABLE]
    import keyring
    from keyring.errors import KeyringError

    store = "store it in the keyring"
    try:
        stored = keyring.get_password(SERVICE, f"{line.user}@{line.server}")
    except KeyringError as error:
        stored, store = None, f"give this system a keyring ({type(error).__name__})"
    if stored:
        return stored
    if not is_needed:
        return ""
    if not keyboard.is_there():
        raise ConfigurationError(f"{line.user}@{line.server} needs a password: set {VARIABLE} or {store}.")
    return getpass.getpass(f"Password for {line.user}@{line.server}: ")
