"""Where a page is served: on this machine alone, unless told otherwise, and then behind a password."""

import errno
import os
import socket
from dataclasses import dataclass

from tools.errors import MissingError, UsageError

PASSWORD = "STUDIO_PASSWORD"
"""The environment's variable with the password; whoever opens the page may give any name with it."""
PORT = 7860
LOCAL = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Address:
    """What a server listens on; port 0 is any that is free."""

    host: str = LOCAL[0]
    port: int = PORT

    @property
    def is_local(self) -> bool:
        """Whether no other machine can reach it."""
        return self.host in LOCAL

    def read_password(self) -> str | None:
        """The password that has to be given, None where none is asked.

        Raises:
            MissingError: other machines can reach the page, and the environment has none.
        """
        password = os.environ.get(PASSWORD) or None
        if password is None and not self.is_local:
            raise MissingError(
                f"--host {self.host}: other machines could open the page, so it needs a password; "
                f"set {PASSWORD} in the environment, or leave --host out"
            )
        return password

    def listen(self) -> socket.socket:
        """A socket that listens, so that nobody else takes the port before the page is ready.

        Raises:
            UsageError: the port is taken, or the host is none of this machine.
        """
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((self.host, self.port))
            listener.listen(128)
        except OSError as error:
            listener.close()
            raise self._explain(error) from error
        return listener

    def _explain(self, error: OSError) -> UsageError:
        if error.errno == errno.EADDRINUSE:
            return UsageError(f"--port {self.port}: something else listens there; give another one, or 0 for any")
        if error.errno == errno.EACCES:
            return UsageError(f"--port {self.port}: may not be taken by this user; give one from 1024 up")
        return UsageError(f"--host {self.host}: is no address of this machine ({error.strerror or error})")
