"""Telling systemd that we are ready.

`Type=notify` in a unit file lets `systemctl start` wait until the server says that it is ready, and
services that need it start only then. What is said is `READY=1` in one datagram to the socket whose
name systemd leaves in the environment; nobody answers. In a terminal there is no such variable, and
nothing happens.

Source: systemd's sd_notify(3); etcd 3.4 etcdmain/main.go. Next page: `help`.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress


def tell_systemd_ready() -> None:
    """Send one line to whoever started us, if that is somebody who listens."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]  # a name that is no file, as Linux has them
    # A systemd that went away is no reason to stop.
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as pen:
        pen.setblocking(False)
        pen.sendto(b"READY=1", address)
