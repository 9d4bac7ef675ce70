"""What a member tells the cluster about itself, and when."""

from learnetcd.member.bootstrap import NOTHING
from learnetcd.member.member import Member
from learnetcd.raft import PROFILES
from learnetcd.raft.entry import Stored
from learnetcd.raft.roles import Follower
from learnetcd.runtime.publishing import may_publish
from tests.api.alone import Alone


def test_a_member_that_leads_and_is_known_may_say_what_it_is_called():
    assert may_publish(Alone().member)


def test_a_member_without_a_leader_has_nobody_to_tell():
    assert not may_publish(Alone(members=(1, 2, 3)).member)


def test_a_member_that_was_never_added_says_nothing():
    """A real etcd panics when it applies the attributes of a member that it never knew."""
    stranger = Member(9, PROFILES["etcd-3.3"], Stored(NOTHING), seed=1)
    stranger.raft.role = Follower(leader=1)
    assert not may_publish(stranger)
