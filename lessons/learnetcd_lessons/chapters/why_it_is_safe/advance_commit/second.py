"""What is decided, as Figure 2 says it: look for an N.

Slower, for it tries every index from the end of the log; but it is the sentence of the paper, word
for word. That the first way may look at a single index is worth a thought: if a majority holds N,
it holds all below it; and terms never fall along a log, so no lower index can be of a later term.
"""

from learnetcd.own import Leader


def advance_commit(leader: Leader) -> int:
    """Give the highest N above the commit index for which the three conditions hold."""
    for n in range(len(leader.log), leader.commit_index, -1):
        copies = sum(match >= n for match in leader.match_index.values())
        is_majority = 2 * copies > len(leader.match_index)
        if is_majority and leader.log[n - 1].term == leader.current_term:
            return n
    return leader.commit_index
