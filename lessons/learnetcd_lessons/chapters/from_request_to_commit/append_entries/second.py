"""What a follower takes, entry by entry.

Figure 2 reads like this, and chapter 7 will need the loop: there an entry that is already in the
log has to be looked at before it is passed over.
"""

from learnetcd.own import AppendAnswer, AppendRequest, Follower


def append_entries(follower: Follower, request: AppendRequest) -> AppendAnswer:
    """Follow the five steps of the paper but for the third."""
    log, commit_index = list(follower.log), follower.commit_index
    if request.term < follower.current_term:
        return AppendAnswer(False, follower.log, commit_index)
    if len(log) < request.previous_index:
        return AppendAnswer(False, follower.log, commit_index)
    last_new = request.previous_index
    for entry in request.entries:
        if entry.index == len(log) + 1:
            log.append(entry)
        last_new = entry.index
    if request.commit_index > commit_index:
        commit_index = max(commit_index, min(request.commit_index, last_new))
    return AppendAnswer(True, tuple(log), commit_index, last_new)
