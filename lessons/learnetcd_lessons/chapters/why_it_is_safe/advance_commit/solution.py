"""What is decided."""

from learnetcd.own import Leader


def advance_commit(leader: Leader) -> int:
    """Give the highest index that a majority holds, if it is of the leader's own term."""
    held = sorted(leader.match_index.values(), reverse=True)
    reached = held[len(held) // 2]
    if reached > leader.commit_index and leader.log[reached - 1].term == leader.current_term:
        return reached
    return leader.commit_index
