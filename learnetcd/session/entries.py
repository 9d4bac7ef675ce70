"""Why an entry is committed, or why not yet, and what would commit it.

    z=4 is not committed.
      - durable at S1: 1 of 2 needed                              Raft §5.3, §5.4.2
      + it is of term 2, the leader's own
        S2 or S3 must acknowledge it.
        S2: the append with it is on its way.
        S3: a cut lies between.

Only a leader commits by counting, so its rule is asked, with what it knows. A follower commits by
hearsay: the question there is whether the leader has, and whether the news has come.

Next page: `votes`.
"""

from __future__ import annotations

from learnetcd.raft.messages import AppendEntries, AppendEntriesReply, Message
from learnetcd.raft.raft import Raft
from learnetcd.raft.replication import commit_facts
from learnetcd.raft.roles import Leader
from learnetcd.session.subjects import Explanation, Line, verdict_lines
from learnetcd.simulator import moment
from learnetcd.simulator.words import entry_text, payload_text
from learnetcd.simulator.world import World
from learnetcd.tracing import member_name


def why_entry(world: World, member: int, index: int) -> Explanation:
    """Why is this entry where it is, committed, applied?"""
    if not world.alive(member):
        return _on_the_disk(world, member, index)
    raft = moment.core(world, member)
    log, me = raft.log, member_name(member)
    if not log.first_index <= index <= log.commit_index:
        return why_not_entry(world, member, index)
    text = payload_text(log.entry(index).payload)
    lines: list[Line] = []
    if isinstance(raft.role, Leader):
        lines += _why_leader_committed(raft, index)
    else:
        of = f" {member_name(raft.leader)}" if raft.leader else ""
        lines.append(
            ("+", f"{me} heard from its leader{of} that all up to {log.commit_index} is committed",
             "Raft §5.3; Figure 2, AppendEntries step 5")
        )  # fmt: skip
    if index <= log.applied_index:
        lines.append(("+", f"it is applied: readers at {me} see it", "Raft Figure 2, lastApplied"))
    else:
        lines.append(("-", f"it is not applied yet: readers at {me} don't see it", ""))
    promise = "it will never be removed"
    if raft.config.rules.broken:
        promise = "but with a rule off, that promises nothing"
    return Explanation(f"{text} is committed at {me}: {promise}.", tuple(lines))


def _why_leader_committed(raft: Raft, index: int) -> list[Line]:
    """By counting, or together with a later entry (Raft §5.4.2), or by an earlier leader."""
    verdict = raft.config.rules.commit.verdict(commit_facts(raft, index))
    if verdict.allowed:
        return list(verdict_lines(verdict))
    log = raft.log
    own = next((i for i in range(index, log.commit_index + 1) if log.term_at(i) == raft.term), None)
    if own is not None:
        text = f"entry {own} is of term {raft.term} and committed, and with it all before it"
    else:
        text = f"it was committed before {member_name(raft.id)} led"
    return [("+", text, verdict.rule.citation)]


def _on_the_disk(world: World, member: int, index: int) -> Explanation:
    me = member_name(member)
    stored = moment.on_disk(world, member)
    entry = next((entry for entry in stored.entries if entry.index == index), None)
    if entry is None:
        return Explanation(f"{me} is down, and its disk holds no entry {index}.")
    return Explanation(
        f"{me} is down; its disk holds {entry_text(entry)} at {index}.",
        ((" ", "whether it is committed it will have to hear from a leader", "Raft Figure 2"),),
    )


def why_not_entry(world: World, member: int, index: int) -> Explanation:
    """Why is this entry not there, not committed, not applied?"""
    if not world.alive(member):
        return _on_the_disk(world, member, index)
    raft = moment.core(world, member)
    log, me = raft.log, member_name(member)
    if index < log.first_index:
        return Explanation(f"Entry {index} is part of {me}'s snapshot at {log.snapshot_index}.")
    if index > log.last_index:
        return _not_there(world, raft, index)
    if index > log.commit_index:
        return _not_committed(world, raft, index)
    if index > log.applied_index:
        text = payload_text(log.entry(index).payload)
        lines: tuple[Line, ...] = (
            (" ", "its store applies it next", "Raft Figure 2, lastApplied"),
        )
        return Explanation(f"{text} is committed at {me}, and not applied yet.", lines)
    return why_entry(world, member, index)


def _not_there(world: World, raft: Raft, index: int) -> Explanation:
    """Why a log does not reach so far."""
    me, leader = member_name(raft.id), moment.leader_of_latest_term(world)
    title = f"{me} has no entry {index}: its log ends at {raft.log.last_index}."
    if not leader or leader == raft.id:
        whose = f"{me} leads and nobody has asked for more" if leader else "nobody leads now"
        return Explanation(title, ((" ", whose, ""),))
    their_log = moment.core(world, leader).log
    if index > their_log.last_index:
        ends = f"nor has {member_name(leader)}, the leader: its log ends at {their_log.last_index}"
        return Explanation(title, ((" ", ends, ""),))
    return Explanation(title, (_way_of_an_entry(world, leader, raft.id, index),))


def _not_committed(world: World, raft: Raft, index: int) -> Explanation:
    """Ask the one who could commit it."""
    if isinstance(raft.role, Leader):
        return _not_committed_by(world, raft, index)
    me, entry = member_name(raft.id), raft.log.entry(index)
    text, leader = payload_text(entry.payload), moment.leader_of_latest_term(world)
    title = f"{text} is not committed at {me}."
    if not leader:
        return Explanation(
            title, (("-", "nobody leads now, and only a leader can commit", "Raft §5.3"),)
        )
    theirs, boss = moment.core(world, leader), member_name(leader)
    their_term = theirs.log.term_at(index)
    if their_term == entry.term:
        if theirs.log.commit_index >= index:
            return Explanation(title, (*_news_of_commit(world, theirs, raft.id, index),))
        found = _not_committed_by(world, theirs, index)
        return Explanation(title, found.lines, found.verdict, found.needs)
    end = theirs.log.last_index
    if index > end and raft.log.term_at(end) != theirs.log.term_at(end):
        before = f"entry {end} before it is another one at {boss}, who leads: both will be removed"
        return Explanation(title, (("-", before, "Raft Figure 2, AppendEntries step 3"),))
    if their_term is None:
        ends = f"{boss} leads and does not have it: its log ends at {theirs.log.last_index}"
        return Explanation(title, (("-", ends, "Raft §5.3"),))
    other = (
        entry_text(theirs.log.entry(index)) if index >= theirs.log.first_index else "another one"
    )
    conflict = f"{boss} leads and has {other} there: this one will be removed"
    return Explanation(title, (("-", conflict, "Raft §5.3; Figure 2, AppendEntries step 3"),))


def _news_of_commit(world: World, leader: Raft, member: int, index: int) -> list[Line]:
    me, boss = member_name(member), member_name(leader.id)
    lines: list[Line] = [
        ("+", f"{boss} leads and has committed it", "Raft §5.3"),
        ("-", f"{me} has not heard so yet", "Raft Figure 2, AppendEntries step 5"),
    ]
    if (leader.id, member) in world.cuts:
        lines.append((" ", f"the way from {boss} to {me} is cut", ""))
    else:
        commit = leader.log.commit_index
        lines.append((" ", f"the next append or heartbeat of {boss} carries commit {commit}", ""))
    return lines


def _not_committed_by(world: World, leader: Raft, index: int) -> Explanation:
    """The rule of committing, asked with what the leader knows, and what it would take."""
    facts = commit_facts(leader, index)
    verdict = leader.config.rules.commit.verdict(facts)
    lines = list(verdict_lines(verdict))
    voters = leader.configuration.voters
    missing = tuple(voter for voter in voters if voter not in facts.copies)
    unmet = [clause.name for clause in verdict.unmet]
    needs: tuple[int, ...] = ()
    if "a quorum holds it" in unmet:
        needs = missing
        lines.append((" ", f"{_who_must(missing, facts.needed - len(facts.copies))}", ""))
        lines += [_way_of_an_entry(world, leader.id, voter, index) for voter in missing]
    elif unmet:
        me = member_name(leader.id)
        lines.append((" ", f"put something at {me}: once that is committed, this is too", ""))
    newest = moment.leader_of_latest_term(world)
    if newest != leader.id:
        term = moment.core(world, newest).term
        lines.append(
            (" ", f"{member_name(leader.id)} can't know yet that {member_name(newest)} leads term "
             f"{term}", "Raft §5.1")
        )  # fmt: skip
    text = payload_text(leader.log.entry(index).payload)
    return Explanation(f"{text} is not committed.", tuple(lines), verdict, needs)


def _who_must(members: tuple[int, ...], count: int) -> str:
    """`S2 or S3 must acknowledge it`, `2 of S2, S3, S4 must acknowledge it`."""
    names = [member_name(member) for member in members]
    if count >= len(names):
        who = " and ".join(names)
    elif count == 1:
        who = " or ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
    else:
        who = f"{count} of {', '.join(names)}"
    return f"{who} must acknowledge it"


def _way_of_an_entry(world: World, leader: int, member: int, index: int) -> Line:
    """Where the entry is on its way to a member and back."""
    me, boss = member_name(member), member_name(leader)
    if member == leader:
        return (" ", f"{me}: its own disk has not synced it", "Thesis §10.2.1")
    if not world.alive(member):
        return (" ", f"{me}: it is down", "")
    for packet in world.packets():
        message = packet.message
        stopped = packet.held or world.network.blocked(packet)
        how = "is held or cut off" if stopped else "is on its way"
        if packet.link == (leader, member) and _brings(message, index):
            return (" ", f"{me}: the append with it {how}", "")
        if packet.link == (member, leader) and _acknowledges(message, index):
            return (" ", f"{me}: its acknowledgement {how}", "")
    if {(leader, member), (member, leader)} & world.cuts:
        return (" ", f"{me}: a cut lies between", "")
    theirs, ours = moment.core(world, member).log, moment.core(world, leader).log
    if theirs.term_at(index) == ours.term_at(index) and theirs.durable_index < index:
        return (" ", f"{me}: its disk has not synced it", "Raft Figure 2")
    progress = getattr(moment.core(world, leader).role, "progress", {}).get(member)
    if progress is None:
        return (" ", f"{me}: {boss} does not send to it", "")
    return (
        " ",
        f"{me}: acknowledged up to {progress.match_index}, next is {progress.next_index}",
        "",
    )


def _brings(message: Message, index: int) -> bool:
    return isinstance(message, AppendEntries) and any(e.index == index for e in message.entries)


def _acknowledges(message: Message, index: int) -> bool:
    if not isinstance(message, AppendEntriesReply):
        return False
    return message.index >= index and not message.rejected
