"""`learnetcd check cluster --etcd 1`: a real etcd among the members, the same judgement."""

from learnetcd.survival.ordeal import Enough, survive


def test_a_mixed_cluster_survives_the_end_of_a_leader_and_something_else(folder):
    outcome = survive(folder, 1, 1.0, Enough(1, 20), print, etcds=1)
    assert outcome.findings == ()
    assert outcome.unknown == 0
    assert outcome.leader_kills >= 1
    assert sum(outcome.faults.values()) >= 2
    assert outcome.watched > outcome.acknowledged >= 20
