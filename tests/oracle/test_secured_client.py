"""Our client at a real etcd that does not let in everybody."""

from tests.client.secured import (
    a_demo_is_played_there,
    secured,
    who_has_no_certificate_is_not_let_in,
    who_knows_the_password_uses_it,
)
from tests.processes import REAL


def test_a_client_shows_a_real_etcd_its_certificate_and_its_password(folder, monkeypatch, capsys):
    monkeypatch.setattr("learnetcd.demo.plays.AFTER_S", 0.5)
    with secured(REAL, folder) as url:
        who_knows_the_password_uses_it(url)
        who_has_no_certificate_is_not_let_in(url)
        a_demo_is_played_there(url, capsys)
