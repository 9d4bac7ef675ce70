"""Classroom demos 3 and 4, key by key: once for simulated members, once for real ones.

keys      what follows must be seen; "..." stands for anything

P is a client who asks, from another terminal if the members are real; G is one who reads.
"""

import re
from abc import ABC, abstractmethod

from learnetcd.session.live import LiveSession
from learnetcd.session.real_scene import real_scene
from learnetcd.session.session import Grain, Session
from tests.session.live import WALL_MS, choose_ports, wait_for

A_WRITE_IS_ANSWERED = """
    P 1 x=1         || F t1 ... [] · L t1 v2 c0 [] · ...
    .               || ... · L t1 v2 c0 [x=1@1] · ...
    .; .            || F t1 v2 c0 [x=1@1] · L t1 v2 c1 [x=1@1] · F t1 v2 c0 []
    n               || ... c1 [x=1@1] · ... c1 [x=1@1] · ... c1 [x=1@1]
"""
NOBODY_NOTICES_ONE_MEMBER = """
    K 3; P 2 x=2; n; n || ... c2 [x=1@1 x=2@1] · ... c2 [x=1@1 x=2@1] · - t1 ...
"""
A_TIME_OUT = """
    K 1; P 2 x=3    || - ... · L t1 v2 c2 [x=1@1 x=2@1 x=3@1] · ...
    space 8         || - ... · L t1 v2 c2 [x=1@1 x=2@1 x=3@1] · ...
"""
IS_NOT_A_NO = """
    U 1     || F t1 v2 c0 [x=1@1 x=2@1] · ...
    n; n    || ... · L t1 v2 c3 [x=1@1 x=2@1 x=3@1] · ...
    U 3; n  || ... · ... · F t1 v2 c3 [x=1@1 x=2@1 x=3@1]
"""
TWO_LEADERS = """
    C 1|23; P 1 x=A     || L t1 v1 c1 [x=1@1 x=A@1] · ...
    n; n                || L t1 ... · L t2 v2 c1 [x=1@1] · F t2 v2 c1 [x=1@1]
    P 2 x=B; n; n       || ... · ... c2 [x=1@1 x=B@2] · ... c2 [x=1@1 x=B@2]
    G 1 x; G 2 x; G 3 x || L t1 v1 c1 [x=1@1 x=A@1] · ...
"""
A_READ_THAT_ASKS_A_MAJORITY = """
    G 1 x quorum        || L t1 v1 c1 [x=1@1 x=A@1 get x@1] · ...
    space 8             || L t1 v1 c1 [x=1@1 x=A@1 get x@1] · ...
"""
HEAL = """
    H; until S1 is follower     || F t2 v. c1 [x=1@1 x=A@1 get x@1] · ...
    until all committed 2       || F t2 v. c2 [x=1@1 x=B@2] · ... c2 ... · ... c2 ...
"""
ETCD_3_3 = """
    G 1 x watch; C 1|23; P 1 x=A    || L t1 v1 c... x=1@1 x=A@1] · ...
    until S2 leads                  || L t1 v1 c... x=1@1 x=A@1] · L t2 v2 ... · F t2 v2 ...
    P 2 x=B; until S3 committed 4   || ... x=1@1 x=A@1] · L t2 v2 ... x=B@2] · F t2 v2 ... x=B@2]
    until S1 is follower            || F t1 v1 c... x=1@1 x=A@1] · L t2 v2 ... · F t2 v2 ...
    G 1 x; G 2 x                    || F t1 v1 c... x=1@1 x=A@1] · ...
"""


class Demo(ABC):
    """Somebody who presses the keys of a demo."""

    more_presses = 0
    """How often `n` may be pressed besides."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def play(self, script: str) -> None:
        """Press the keys of each line, and compare the state lines after the `||`."""
        for line in filter(None, map(str.strip, script.splitlines())):
            keys, _, expected = line.partition("|| ")
            for key in keys.split(";"):
                self.press(*key.split())
            for _ in range(self.more_presses if key.strip() == "n" else 0):
                if not self.shows(expected):
                    self.press("n")
            assert self.shows(expected), f"after {keys}\n{self.seen()}\n{expected}"

    def seen(self) -> str:
        """The state lines in one."""
        return " · ".join(state[3:] for state in self.state_lines())

    def shows(self, expected: str) -> bool:
        """Whether that is seen; nothing is always seen."""
        pattern = ".*".join(map(re.escape, expected.split("...")))
        return not expected or re.fullmatch(pattern, self.seen()) is not None

    def press(self, key: str, *words: str) -> None:
        """One key."""
        session = self.session
        match key:
            case ".":
                session.forward(Grain.MESSAGE)
            case "n":
                session.forward(Grain.CHANGE)
            case "K":
                session.crash(int(words[0]))
            case "U":
                session.restart(int(words[0]))
            case "C":
                session.cut(words[0])
            case "H":
                session.heal()
            case "space":
                for _ in range(int(words[0]) * 10):
                    session.advance(100)
            case "until":
                assert session.run_until(self.here(" ".join(words))).came_true
            case "P":
                self.put(int(words[0]), *words[1].split("="))
            case "G":
                self.get(int(words[0]), *words[1:])

    def client(self, text: str):
        """What is seen of the client who asked this: `put x=3 → S2`."""
        return next(one for one in reversed(self.session.view().clients) if one.text == text)

    @abstractmethod
    def state_lines(self) -> tuple[str, ...]:
        """A line for each member, counted from where the demo begins."""

    @abstractmethod
    def here(self, condition: str) -> str:
        """The same condition in the numbers of this session."""

    @abstractmethod
    def put(self, member: int, key: str, value: str) -> None:
        """A client writes."""

    @abstractmethod
    def get(self, member: int, key: str, read: str = "local") -> None:
        """A client reads."""


class Simulated(Demo):
    """In front of simulated members."""

    def __init__(self, scene: str, profile: str = "paper") -> None:
        super().__init__(Session.open(scene, profile=profile))

    def state_lines(self):
        return self.session.state_lines()

    def here(self, condition):
        return condition

    def put(self, member, key, value):
        self.session.put(member, key, value)

    def get(self, member, key, read="local"):
        if read == "watch":
            self.session.watch(member, key)
        else:
            self.session.get(member, key, read)


class Live(Demo):
    """In front of real members.

    They have a past of their own, entries and terms, from which is counted on. And one that starts
    again lets the others know where it is found, as etcd does: these entries are left out, and
    since more happens than in the scene, `n` may have to be pressed more often.
    """

    more_presses = 5

    session: LiveSession

    def __init__(self, scene: str, folder, ask, profile: str = "paper") -> None:
        """`ask(url, key, value, read)` starts a client; the value None reads. See `Curl`."""
        choose_ports(folder, 3)
        session = LiveSession(
            folder=folder, profile=profile, scene=real_scene(scene), wall_ms=WALL_MS
        )
        super().__init__(session)
        self.ask = ask
        self.clients = {}
        """Those outside, by what they asked: `P 1 x=1`."""
        try:
            session.make_ready()
            (self.terms, self.entries) = self.before(Session.open(scene, profile=profile))
        except BaseException:
            session.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.session.close()

    def before(self, simulated: Session) -> tuple[int, int]:
        """How many terms and entries the real members had before the demo begins."""
        ours, theirs = self.session.view().members, simulated.view().members
        real = max(ours, key=lambda one: one.term)
        pure = max(theirs, key=lambda one: one.term)
        return real.term - pure.term, real.last_index - pure.last_index

    def state_lines(self):
        return tuple(map(self.counted_from_the_beginning, self.session.state_lines()))

    def counted_from_the_beginning(self, line: str) -> str:
        name, role, term, vote, commit, log = line.split(" ", 5)
        row, committed = [], 0
        entries = re.findall(r"(.+?)@(\d+)(?: |$)", log[1:-1])
        for index, (text, entry_term) in enumerate(entries, start=1):
            if index > self.entries and not text.startswith("0/"):
                row.append(f"{text}@{int(entry_term) - self.terms}")
                committed += index <= int(commit[1:])
        return f"{name} {role} t{int(term[1:]) - self.terms} {vote} c{committed} [{' '.join(row)}]"

    def here(self, condition):
        return re.sub(r"\d+$", lambda found: str(int(found[0]) + self.entries), condition)

    def put(self, member, key, value):
        self.let_in(f"P {member} {key}={value}", member, key, value)

    def get(self, member, key, read="local"):
        self.let_in(f"G {member} {key} {read}".removesuffix(" local"), member, key, None, read)

    def let_in(self, name: str, member: int, *asked: str | None) -> None:
        """A client asks from outside, and hangs; then a step takes it in."""
        client = self.ask(self.session.client_urls[member - 1], *asked)
        wait_for(self.session.at_the_door)
        assert client.hangs
        self.clients[name] = client
        self.session.forward(Grain.MESSAGE)
