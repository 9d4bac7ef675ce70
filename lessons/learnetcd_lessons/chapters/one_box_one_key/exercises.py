"""Chapter 1: what to predict, to make happen and to write about one member and one key."""

from __future__ import annotations

from types import ModuleType

from learnetcd.member.identity import member_id
from learnetcd.tracing.elections import BecameLeader
from learnetcd_lessons.chapter import Chapter
from learnetcd_lessons.exercise import (
    Code,
    Hints,
    MakeIt,
    Option,
    Predict,
    Quiz,
    Right,
    Round,
    Wrong,
)
from learnetcd_lessons.run import Run

# --- code: read an answer -------------------------------------------------------------------------

ANSWERS = (
    (
        b'{"action":"set","node":{"key":"/msg","value":"hello",'
        b'"modifiedIndex":4,"createdIndex":4}}',
        ("set", "/msg", "hello", 4, 4),
    ),
    (
        b'{"action":"set","node":{"key":"/msg","value":"hello again","modifiedIndex":9,'
        b'"createdIndex":9},"prevNode":{"key":"/msg","value":"hello","modifiedIndex":4,'
        b'"createdIndex":4}}',
        ("set", "/msg", "hello again", 9, 9),
    ),
    (
        b'{"action":"get","node":{"key":"/a/b","value":"","modifiedIndex":12,"createdIndex":7}}',
        ("get", "/a/b", "", 7, 12),
    ),
    (
        b'{"action":"delete","node":{"key":"/msg","modifiedIndex":13,"createdIndex":9},'
        b'"prevNode":{"key":"/msg","value":"hello again","modifiedIndex":9,"createdIndex":9}}',
        ("delete", "/msg", None, 9, 13),
    ),
    (
        b'{"action":"get","node":{"key":"/a","dir":true,"nodes":[{"key":"/a/b","value":"1",'
        b'"modifiedIndex":12,"createdIndex":12}],"modifiedIndex":12,"createdIndex":12}}',
        ("get", "/a", None, 12, 12),
    ),
)
"""Answers of an etcd, and what is in them."""

REFUSAL = b'{"errorCode":100,"message":"Key not found","cause":"/none","index":13}'


def check_reading(module: ModuleType) -> str:
    """Compare what was read with what is there."""
    for body, expected in ANSWERS:
        found = module.read_answer(body)
        if found != expected:
            return f"Given {body.decode()}, your function gave {found!r}."
    try:
        found = module.read_answer(REFUSAL)
    except KeyError as refused:
        said = str(refused.args[0]) if refused.args else ""
        if said != "/none":
            return f"Given {REFUSAL.decode()}, your KeyError names {said!r}, which is not its key."
        return ""
    return f"Given {REFUSAL.decode()}, your function gave {found!r}, and raised no KeyError."


READ_ANSWER = Code(
    name="read_answer",
    title="Read an answer",
    task="""
Write `read_answer(body)`: from the bytes of an answer to `(action, key, value, created_index,
modified_index)`. What has no value (a directory, a key that was just deleted) gives None there.
When the key does not exist (errorCode 100), raise `KeyError` with the key.

Here `/msg` was written for the second time:

    {"action": "set",
     "node": {"key": "/msg", "value": "again", "modifiedIndex": 9, "createdIndex": 9},
     "prevNode": {"key": "/msg", "value": "hello", "modifiedIndex": 4, "createdIndex": 4}}

And here somebody read a key that is not there:

    {"errorCode": 100, "message": "Key not found", "cause": "/none", "index": 13}
""",
    hints=Hints(
        question="Which of the two nodes in the first answer is the one that was written?",
        rule="etcd's v2 API: `node` is the key after the request, `prevNode` what was there "
        "before, if anything was. An error has `errorCode`, `message`, `cause` and `index`; the "
        "cause of a missing key is the key.",
        near='`json.loads` reads it. `node.get("value")` is None where there is no value, and "" '
        "where there is an empty one: that is a difference.",
    ),
    check=check_reading,
)

# --- predict --------------------------------------------------------------------------------------

FIRST_INDEX = Predict(
    name="first_index",
    title="The first index is not 1",
    task="""
A fresh cluster of one member has elected itself. Now a client writes. Which number does the entry
of that write get in the log (the Raft index)?
""",
    hints=Hints(
        question="Whose write is the first in the log?",
        rule="etcd/raft becomeLeader: a new leader appends an empty entry of its own term. The "
        "paper asks for it before reads (§8), and chapter 8 shows what else it is good for.",
        near="Count the elections: each adds one entry, before any client is served.",
    ),
    rounds=(
        Round(
            "One election, one write.",
            (
                Option("1", "committed 1 and not committed 2"),
                Option("2", "committed 2 and not committed 3"),
                Option("3", "committed 3"),
            ),
            setup="members S1; profile etcd-3.3",
            start="elect S1",
            then="put S1 msg=hello; settle",
        ),
        Round(
            "One election, one write; then the member lost its power, came back and elected "
            "itself again. And one more write.",
            (
                Option("2", "committed 2 and not committed 3"),
                Option("3", "committed 3 and not committed 4"),
                Option("4", "committed 4 and not committed 5"),
            ),
            setup="members S1; profile etcd-3.3",
            start="elect S1; put S1 msg=hello; settle; crash S1; restart S1; elect S1",
            then="put S1 msg=again; settle",
        ),
        Round(
            "The same by the rules of the paper alone: one election, one write.",
            (
                Option("1", "committed 1 and not committed 2"),
                Option("2", "committed 2 and not committed 3"),
                Option("3", "committed 3"),
            ),
            setup="members S1; profile paper",
            start="elect S1",
            then="put S1 msg=hello; settle",
        ),
    ),
)

# --- make it happen -------------------------------------------------------------------------------


def it_leads(run: Run) -> str:
    """A cluster of one has a leader."""
    if run.told(BecameLeader):
        return ""
    return "S1 does not lead yet."


OWN_ELECTION = MakeIt(
    name="own_election",
    title="An election of one",
    task="""
A cluster of one member has a leader, too, and elects it. Make S1 lead. (How many votes did that
take? The story of the run tells.)

Fewer acts are better. To let time pass does not count as one.
""",
    hints=Hints(
        question="What does a member wait for that hears no leader?",
        rule="Raft §5.2: a follower that receives no communication over the election timeout "
        "begins an election: it increments its term and votes for itself.",
        near="Its timer runs out by itself, within two seconds. Its own vote must be on its disk "
        "before it counts; then it has one of one.",
    ),
    goal=it_leads,
)

# --- code: the id ---------------------------------------------------------------------------------

MEMBERS = (
    (("http://localhost:2380",), "etcd-cluster"),
    (("http://10.25.72.164:2380",), "etcd-token"),
    (("http://b:2380", "http://a:2380"), "class"),
    (("http://a:2380", "http://b:2380"), "class"),
    (("https://a:2380",), ""),
)
"""Peer URLs, and the token of the cluster."""


def check_id(module: ModuleType) -> str:
    """Compare some ids."""
    for urls, token in MEMBERS:
        found, expected = module.member_id(list(urls), token), f"{member_id(urls, token):x}"
        if not isinstance(found, str):
            return f"An id is a text of hexadecimal digits; your function gave {found!r}."
        if found != expected:
            return f"The member at {', '.join(urls)} in cluster {token!r} is not {found!r}."
    return ""


MEMBER_ID = Code(
    name="member_id",
    title="8e9e05c52164694d",
    task="""
Write `member_id(peer_urls, token)`: the id that etcd gives to a member of a new cluster, as a text
of hexadecimal digits. With `["http://localhost:2380"]` and `"etcd-cluster"` it must be
`8e9e05c52164694d`, the id that you see wherever somebody runs a single etcd with its defaults.
""",
    hints=Hints(
        question="Two members must not compute different ids for the same member. So in which "
        "order do its URLs go into it?",
        rule="etcd's NewMember: the sorted peer URLs, one behind the other without anything "
        "between them, and then the token; SHA-1 of it; the first eight bytes, as one number, the "
        "highest byte first.",
        near='`hashlib.sha1(text).digest()[:8]` are the bytes, `int.from_bytes(..., "big")` the '
        'number, and `f"{number:x}"` the text: without zeros in front, as etcd prints it.',
    ),
    check=check_id,
)

# --- quizzes --------------------------------------------------------------------------------------

TWO_NUMBERS = Quiz(
    name="two_numbers",
    question="An answer says `modifiedIndex` 4 and, in a header, `X-Raft-Index: 7`. Why do they "
    "differ?",
    options=(
        Right(
            "They count different things: changes of keys, and entries of the log.",
            "An empty entry, or a read through the log, is an entry and changes no key.",
        ),
        Wrong(
            "The member is three entries behind.",
            belief="M17",
            refuted_by="fresh-member",
            because="There is but one member, nothing is behind, and the numbers differ all the "
            "same.",
        ),
        Wrong(
            "Three writes have failed.",
            belief="M17",
            refuted_by="fresh-member",
            because="One write, and it was done. The log has two entries: the first is the "
            "leader's own, and empty.",
        ),
    ),
)

AFTER_A_CRASH = Quiz(
    name="after_a_crash",
    question="The only member was told `msg=hello`, answered, and lost its power. It starts again. "
    "What is there?",
    options=(
        Right(
            "`msg=hello`: it was on the disk before the answer left.",
            "That is what the answer promised.",
        ),
        Wrong(
            "Nothing: the keys are kept in memory.",
            belief="M18",
            refuted_by="crash-alone",
            because="The keys are in memory, and the log that they came from is on the disk.",
        ),
        Wrong(
            "Whatever the operating system has written meanwhile.",
            belief="M25",
            refuted_by="crash-alone",
            because="The member waits for its disk (a sync) before it answers.",
        ),
    ),
)

CHAPTER = Chapter(
    number=1,
    folder="one_box_one_key",
    title="One box, one key",
    summary="Start a member, write a key over plain HTTP, and read every number in the answer.",
    exercises=(READ_ANSWER, OWN_ELECTION, FIRST_INDEX, MEMBER_ID),
    quizzes=(AFTER_A_CRASH, TWO_NUMBERS),
    targets=("C2", "C16", "M17", "M18", "M25"),
)
"""Chapter 1: one box, one key."""
