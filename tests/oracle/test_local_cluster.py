"""`learnetcd cluster --etcd`: real etcds in one terminal."""

import signal

from tests.processes import free_ports_in_a_row
from tests.runtime.test_local_cluster import PATIENCE_S, Terminal


def test_real_etcds_are_started_and_ended_in_the_same_way(folder):
    terminal = Terminal(folder, "--etcd", "--size=2", f"--first-port={free_ports_in_a_row(4)}")
    try:
        terminal.shows(r"m2 \| .*ready to serve client requests")
        terminal.shows(r" \| ready: curl ")
    finally:
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.process.wait(PATIENCE_S) == -signal.SIGTERM
