"""How a notice leaves: by apprise, to an address in the system's keyring. Both are imported when first needed."""

import logging

from services.away_notices import NoticeFailed

SERVICE, USER = "stanchion", "notices"


class AppriseSender:
    """Sends by apprise: mail, ntfy, Pushover, Telegram and a hundred others, each by an address of its own form."""

    def send(self, address: str, title: str, body: str) -> None:
        """Send one message; the service has a few seconds to take it.

        Raises:
            NoticeFailed: the address is of no known form, or the service did not take it.
        """
        import apprise

        for name in ("apprise", "urllib3", "requests"):
            logging.getLogger(name).disabled = True  # what they log may hold the address
        try:
            service = apprise.Apprise()
            known = bool(service.add(address))
            taken = known and bool(service.notify(body=body, title=title))
        except Exception as error:
            raise NoticeFailed(f"The service failed ({type(error).__name__}).") from None
        if not known:
            raise NoticeFailed("The address stored for them is of no form that is known.")
        if not taken:
            raise NoticeFailed("The service did not take it, or cannot be reached.")


class KeyringAddress:
    """The address, in the system's keyring and nowhere else."""

    def read(self) -> str:
        """Return it; empty where none is stored.

        Raises:
            NoticeFailed: the keyring cannot be asked.
        """
        import keyring
        from keyring.errors import KeyringError

        try:
            return keyring.get_password(SERVICE, USER) or ""
        except KeyringError as error:
            raise NoticeFailed(f"This system's keyring cannot be asked ({type(error).__name__}).") from None

    def write(self, address: str) -> None:
        """Store it in place of the one before; an empty one removes it.

        Raises:
            NoticeFailed: the keyring refused.
        """
        import keyring
        from keyring.errors import KeyringError, PasswordDeleteError

        try:
            if address:
                keyring.set_password(SERVICE, USER, address)
            else:
                keyring.delete_password(SERVICE, USER)
        except PasswordDeleteError:
            return  # there was none
        except KeyringError as error:
            raise NoticeFailed(f"This system's keyring refused ({type(error).__name__}).") from None
