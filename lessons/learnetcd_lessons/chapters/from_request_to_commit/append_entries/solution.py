"""What a follower takes."""

from learnetcd.own import AppendAnswer, AppendRequest, Follower


def append_entries(follower: Follower, request: AppendRequest) -> AppendAnswer:
    """Add what is new behind the log; speak only for as far as the message reaches."""
    log, known = follower.log, follower.commit_index
    if request.term < follower.current_term or request.previous_index > len(log):
        return AppendAnswer(False, log, known)
    new = tuple(entry for entry in request.entries if entry.index > len(log))
    reaches = request.previous_index + len(request.entries)
    commit_index = max(known, min(request.commit_index, reaches))
    return AppendAnswer(True, log + new, commit_index, reaches)
