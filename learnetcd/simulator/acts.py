"""Acts: what a person types, and the decisions that it means here and now.

    put S1 x=1             a client asks S1 to set x
    deliver S1>S2 append   the oldest append on that way arrives
    cut 1|23               a wall between S1 and the others
    next                   on to the next change worth a stop
    run until S2 leads     on until that holds

A decision names everything: `deliver S1>S2 17`. A person names what can be seen: the oldest append
from S1 to S2. So an act is planned: on a fork of the world it is tried out, and what comes back is
the list of decisions to carry out. Nothing is changed by planning, and the decisions alone make the
recording.

What a person does to a member is followed by that member's own work at once: its disk syncs, its
store applies. So only messages, timers and clients have to be stepped. A scene about disks says
`grain: effect`, and then nothing follows by itself.

Left out: undoing. Whoever plays acts on a timeline can go back there.

Next page: `scenario`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from learnetcd.errors import UserError, did_you_mean, unknown_name
from learnetcd.member.request import KeyRequest, MembershipRequest, Method, ReadKind, Request
from learnetcd.raft.config import PROFILES
from learnetcd.raft.configuration import Change, ChangeKind, ConfigChange, Transition
from learnetcd.raft.twins import TWINS
from learnetcd.simulator import conditions, moment
from learnetcd.simulator.decisions import (
    ApplyCommitted,
    Campaign,
    Cancel,
    Crash,
    Cut,
    Decision,
    Delay,
    Deliver,
    Drop,
    Duplicate,
    FireTimer,
    ForgetLeader,
    Heal,
    Hold,
    KeepSnapshot,
    PassTime,
    Pause,
    Release,
    Report,
    Restart,
    Resume,
    SetProfile,
    SetRule,
    SetTimer,
    SetWeather,
    Skew,
    StartMember,
    Submit,
    Sync,
    TellUnreachable,
    Transfer,
)
from learnetcd.simulator.grains import Grain, Scout, plan, plan_after_act
from learnetcd.simulator.network import Packet, parse_cut
from learnetcd.simulator.request_words import parse_option, parse_watch
from learnetcd.simulator.words import KINDS, message_kind
from learnetcd.simulator.world import World
from learnetcd.tracing import discard
from learnetcd.value import dataclass

LONGEST_RUN_MS = 120_000
"""`run until` gives up after two minutes of the cluster's clock ..."""
LONGEST_RUN_STEPS = 5_000
"""... or after so many decisions."""
LONGEST_ELECTION_STEPS = 300
"""`elect` is for those who can win: it gives up sooner."""

Plan = Callable[[World], list[Decision]]
"""From the world as it is to what shall be decided."""

Reader = Callable[[re.Match[str]], Plan]
"""From the words that were typed to a plan."""


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that a person does."""

    text: str
    """As it was typed, with single spaces."""
    makes: Plan
    goes_on: bool
    """Whether it only lets happen what is due: then the member's own work is part of it."""

    def plan(self, world: World, grain: Grain = Grain.MESSAGE) -> list[Decision]:
        """List the decisions that it means in this world; `UserError` if it can't be done."""
        decisions = self.makes(world)
        if self.goes_on:
            return decisions
        ahead, following = world.fork(tracer=discard), list[Decision]()
        for decision in decisions:
            ahead.decide(decision)
            member = moment.member_of(decision)
            if grain > Grain.EFFECT and ahead.alive(member) and not ahead.paused(member):
                following += plan_after_act(ahead, member)
        return decisions + following


@dataclass(frozen=True, slots=True)
class Form:
    """One kind of act: how it is typed, and what it does."""

    example: str
    meaning: str
    pattern: str
    """What is typed, as a pattern; spaces in it stand for themselves."""
    plan: Reader
    goes_on: bool = False


def parse(text: str) -> Act:
    """Read an act; what means nothing is a `UserError` with the nearest form."""
    words = " ".join(text.split())
    for form in FORMS:
        if found := re.fullmatch(form.pattern, words):
            return Act(words, form.plan(found), form.goes_on)
    raise UserError(f"{words!r} is no act. {_hint(words)}")


def _hint(words: str) -> str:
    """The forms that begin with the same word; else the word that was probably meant."""
    verb = words.split(" ")[0] if words else ""
    alike = [form.example for form in FORMS if form.example.split(" ")[0] == verb]
    if alike:
        return f"It would be written: {', or '.join(alike)}."
    verbs = sorted({form.example.split(" ")[0] for form in FORMS})
    return f"{did_you_mean(verb, verbs)} There are: {', '.join(verbs)}.".strip()


# --- clients --------------------------------------------------------------------------------------


def _submit(found: re.Match[str], request: Request) -> Plan:
    member = _member(found)
    return lambda world: [Submit(member, world.clients.last_id + 1, request)]


def _write(method: Method) -> Reader:
    return lambda found: _submit(
        found, KeyRequest(method, _path(found), found["value"] or "", **_options(found))
    )


def _delete(found: re.Match[str]) -> Plan:
    return _submit(found, KeyRequest(Method.DELETE, _path(found), **_options(found)))


def _get(found: re.Match[str]) -> Plan:
    read = ReadKind(found["read"] or "local")
    return _submit(found, KeyRequest(Method.GET, _path(found), "", read, **_options(found)))


def _options(found: re.Match[str]) -> dict[str, Any]:
    """What a request says beyond the usual: `ttl:5 prev_value:1`."""
    return dict(parse_option(word) for word in found["options"].split())


def _watch(found: re.Match[str]) -> Plan:
    return _submit(found, parse_watch([_path(found), *found["wishes"].split()]))


def _cancel(found: re.Match[str]) -> Plan:
    client = int(found["number"])

    def plan(world: World) -> list[Decision]:
        record = world.clients.get(client)
        if record is None:
            raise UserError(f"There is no request c{client}.")
        return [Cancel(record.member, client)]

    return plan


def _path(found: re.Match[str]) -> str:
    return "/" + found["key"].lstrip("/")


def _change(found: re.Match[str]) -> Plan:
    return _submit(found, MembershipRequest(read_change(found["changes"])))


def read_change(words: str) -> ConfigChange:
    """Read a change of members: `+S4 learner -S1 joint`, or `leave` to end a joint one."""
    if words == "leave":
        return ConfigChange(())
    transition = Transition.JOINT_EXPLICIT if words.endswith(" joint") else Transition.AUTO
    changes = []
    for sign, member, learner in re.findall(r"([+-])S(\d)( learner)?", words):
        kind = ChangeKind.ADD_LEARNER if learner else ChangeKind.ADD_VOTER
        changes.append(Change(kind if sign == "+" else ChangeKind.REMOVE, int(member)))
    return ConfigChange(tuple(changes), transition)


# --- messages -------------------------------------------------------------------------------------


def _of_oldest(make: Callable[[int, int, int, int], Decision], held: bool = False) -> Reader:
    """A decision about the oldest message on a way, of a kind if one was named."""

    def read(found: re.Match[str]) -> Plan:
        sender, receiver, kind = int(found["sender"]), int(found["receiver"]), found["kind"] or ""
        return lambda world: [make(*_oldest(world, (sender, receiver), kind, held).key)]

    return read


def _oldest(world: World, link: tuple[int, int], kind: str, held: bool) -> Packet:
    """The oldest message on a link, of a kind if one was named."""
    on_link = [p for p in world.packets() if p.link == link]
    fitting = [p for p in on_link if kind in ("", message_kind(p.message)) and p.held == held]
    if not fitting:
        there = ", ".join(message_kind(p.message) for p in on_link) or "nothing"
        what = f"{'held ' if held else ''}{kind or 'message'}"
        raise UserError(f"No {what} is on its way S{link[0]}>S{link[1]}; there is: {there}.")
    return min(fitting, key=lambda p: (p.number, p.copy))


def _drop_all(found: re.Match[str]) -> Plan:
    """Lose everything on a way."""
    link = int(found["sender"]), int(found["receiver"])
    return lambda world: [Drop(*p.key) for p in world.packets() if p.link == link]


def _cut(found: re.Match[str]) -> Plan:
    walls = found["walls"]
    return lambda world: [Cut(parse_cut(walls, world.member_ids))]


def _delay(found: re.Match[str]) -> Plan:
    low = int(found["low"])
    high = int(found["high"] or low)
    return lambda world: [Delay(int(found["sender"]), int(found["receiver"]), low, high)]


def _weather(found: re.Match[str]) -> Plan:
    loss, duplicates, overtaking = map(int, found.groups())
    return lambda world: [SetWeather(loss, duplicates, overtaking)]


# --- members --------------------------------------------------------------------------------------


def _of_member(make: Callable[[int], Decision]) -> Reader:
    """A decision that names a member and nothing else."""

    def read(found: re.Match[str]) -> Plan:
        member = _member(found)
        return lambda world: [make(member)]

    return read


def _of_member_and(make: Callable[[int, int], Decision]) -> Reader:
    """A decision that names a member and a number."""

    def read(found: re.Match[str]) -> Plan:
        member, number = _member(found), int(found["number"] or 0)
        return lambda world: [make(member, number)]

    return read


def _torn(found: re.Match[str]) -> Plan:
    """Lose power in the middle of writing."""
    crash = Crash(_member(found), 0, int(found["torn"]))
    return lambda world: [crash]


def _rule(found: re.Match[str]) -> Plan:
    if found["rule"] not in TWINS:
        raise unknown_name("rule", found["rule"], TWINS)
    member = int(found["member"] or 0)
    return lambda world: [SetRule(found["rule"], found["on"] == "on", member)]


def _profile(found: re.Match[str]) -> Plan:
    if found["profile"] not in PROFILES:
        raise unknown_name("profile", found["profile"], PROFILES)
    member = int(found["member"] or 0)
    return lambda world: [SetProfile(found["profile"], member)]


def _member(found: re.Match[str]) -> int:
    return int(found["member"])


# --- going on -------------------------------------------------------------------------------------


def _grain(grain: Grain) -> Reader:
    """Press the key of a grain, once or several times."""

    def read(found: re.Match[str]) -> Plan:
        times = int(found["times"] or 1)

        def make(world: World) -> list[Decision]:
            scout = Scout(world)
            for _ in range(times):
                for decision in plan(scout.world, grain):
                    scout.decide(decision)
            return scout.decisions

        return make

    return read


def _run(found: re.Match[str]) -> Plan:
    """Let everything happen that is due within a time."""
    ms = round(float(found["amount"]) * (1000 if found["unit"] == "s" else 1))

    def make(world: World) -> list[Decision]:
        scout, end = Scout(world), world.now + ms
        while (first := next(iter(scout.world.choices()), None)) is not None and first.at <= end:
            scout.decide(first.decision)
        if scout.world.now < end:
            scout.decide(PassTime(end))
        return scout.decisions

    return make


def _run_until(found: re.Match[str]) -> Plan:
    condition = conditions.parse(found["condition"])
    return lambda world: run_until(Scout(world), condition)


def run_until(
    scout: Scout, condition: conditions.Condition, longest: int = LONGEST_RUN_STEPS
) -> list[Decision]:
    """Let happen what is due until a condition holds; a `UserError` if it never comes."""
    end = scout.world.now + LONGEST_RUN_MS
    while not condition.holds(scout.world):
        decision = scout.world.next_decision()
        too_long = scout.world.now > end or len(scout.decisions) > longest
        if decision is None or too_long:
            raise UserError(
                f"{condition.text!r} never came true: stopped at {scout.world.now} ms after "
                f"{len(scout.decisions)} decisions."
            )
        scout.decide(decision)
    return scout.decisions


def _settle(found: re.Match[str]) -> Plan:
    return lambda world: run_until(Scout(world), conditions.parse("quiet"))


def _elect(found: re.Match[str]) -> Plan:
    """Have a member stand, win, and be known to all."""
    member = _member(found)

    def make(world: World) -> list[Decision]:
        scout = Scout(world)
        scout.decide(Campaign(member))
        run_until(scout, conditions.parse(f"S{member} leads"), LONGEST_ELECTION_STEPS)
        return run_until(scout, conditions.parse("quiet"), LONGEST_ELECTION_STEPS)

    return make


# --- all of them ----------------------------------------------------------------------------------

ID = r"[1-7]|\d{5,20}"  # of a live run the ids are etcd's: numbers of 64 bits
MEMBER = rf"S(?P<member>{ID})"
LINK = rf"S(?P<sender>{ID})>S(?P<receiver>{ID})"
KEY = r"(?P<key>[^ =]+)"
OPTIONS = r"(?P<options>(?: (?:ttl|prev_index):\d+| prev_value:\S+| [a-z_]+:(?:on|off))*)"
KIND = rf"(?: (?P<kind>{'|'.join(sorted(set(KINDS.values()), key=len, reverse=True))}))?"
TIMES = r"(?: (?P<times>\d+))?"
NUMBER = r"(?P<number>\d+)"

FORMS: tuple[Form, ...] = (
    Form("put S1 x=1", "a client asks S1 to set a key (put S1 x=1 ttl:5 prev_value:0)",
         rf"put {MEMBER} {KEY}(?:=(?P<value>.*?))?{OPTIONS}", _write(Method.PUT)),
    Form("post S1 jobs=mow", "a client asks S1 to make a key in a directory, named by its index",
         rf"post {MEMBER} {KEY}(?:=(?P<value>.*?))?{OPTIONS}", _write(Method.POST)),
    Form("get S1 x quorum", "a client reads at S1: local, quorum or index",
         rf"get {MEMBER} {KEY}(?: (?P<read>local|quorum|index))?{OPTIONS}", _get),
    Form("delete S1 x", "a client asks S1 to remove a key", rf"delete {MEMBER} {KEY}{OPTIONS}",
         _delete),
    Form("watch S1 x", "a client wants to be told of events (watch S1 x recursive stream since:7)",
         rf"watch {MEMBER} {KEY}(?P<wishes>(?: recursive| stream| since:\d+)*)", _watch),
    Form("cancel c3", "a client does not wait any longer, or watches no more", rf"cancel c{NUMBER}",
         _cancel),
    Form("change S1 +S4 learner -S2", "a client asks S1 for a change of members",
         rf"change {MEMBER} (?P<changes>leave|[+-]S[1-7]( learner)?( [+-]S[1-7]( learner)?)*"
         r"( joint)?)", _change),
    Form("deliver S1>S2 append", "the oldest message on a way arrives; a kind may be named",
         rf"deliver {LINK}{KIND}", _of_oldest(Deliver)),
    Form("drop S1>S2 append", "it is lost", rf"drop {LINK}{KIND}", _of_oldest(Drop)),
    Form("drop all S1>S2", "everything on that way is lost", rf"drop all {LINK}", _drop_all),
    Form("hold S1>S2 append", "it is stopped where it is", rf"hold {LINK}{KIND}", _of_oldest(Hold)),
    Form("release S1>S2 append", "a held one goes on", rf"release {LINK}{KIND}",
         _of_oldest(Release, held=True)),
    Form("duplicate S1>S2 append", "it gets a copy", rf"duplicate {LINK}{KIND}",
         _of_oldest(Duplicate)),
    Form("cut 1|23", "a wall between groups, or single ways: cut 1>3 3>1",
         r"cut (?P<walls>[1-7|> ]+)", _cut),
    Form("heal", "all ways are whole again", "heal", lambda found: lambda world: [Heal()]),
    Form("delay S1>S2 50 80", "messages take so many milliseconds",
         rf"delay {LINK} (?P<low>\d+)(?: (?P<high>\d+))?", _delay),
    Form("weather 100 0 50", "of a thousand messages: lost, doubled, overtaken",
         r"weather (\d+) (\d+) (\d+)", _weather),
    Form("crash S2 keep 1", "a machine dies; so many unsynced records reached the disk",
         rf"crash {MEMBER}(?: keep {NUMBER})?", _of_member_and(Crash)),
    Form("crash S2 torn 3", "on files: it dies while it writes, in one of many ways",
         rf"crash {MEMBER} torn (?P<torn>\d+)", _torn),
    Form("restart S2", "it starts again from its disk", rf"restart {MEMBER}", _of_member(Restart)),
    Form("start S4", "a machine with an empty disk starts", rf"start {MEMBER}",
         _of_member(StartMember)),
    Form("pause S2", "its process stops for a while", rf"pause {MEMBER}", _of_member(Pause)),
    Form("resume S2", "it goes on", rf"resume {MEMBER}", _of_member(Resume)),
    Form("skew S2 1500", "its clock runs at so many per mille of true time",
         rf"skew {MEMBER} {NUMBER}", _of_member_and(Skew)),
    Form("time out S3", "its election timer fires now", rf"time out {MEMBER}",
         _of_member(Campaign)),
    Form("timer S3 12", "its election timer fires in so many ticks", rf"timer {MEMBER} {NUMBER}",
         _of_member_and(SetTimer)),
    Form("fire S3", "the timer of it that is due first fires: election, heartbeat, a client's wait",
         rf"fire {MEMBER}", _of_member(FireTimer)),
    Form("transfer S1 S2", "S1 is asked to hand leadership to S2", rf"transfer {MEMBER} S{NUMBER}",
         _of_member_and(Transfer)),
    Form("forget S2", "it forgets who leads", rf"forget {MEMBER}", _of_member(ForgetLeader)),
    Form("unreachable S1 S2", "S1's transport says that it could not reach S2",
         rf"unreachable {MEMBER} S{NUMBER}", _of_member_and(TellUnreachable)),
    Form("rule own-term off", "a safety rule is switched, by the name of its broken twin",
         rf"rule (?P<rule>[\w-]+) (?P<on>on|off)(?: {MEMBER})?", _rule),
    Form("profile etcd-3.5 S2", "another profile, from the next start on",
         rf"profile (?P<profile>[\w.-]+)(?: {MEMBER})?", _profile),
    Form("sync S1", "its disk finishes the sync that is running", rf"sync {MEMBER}",
         _of_member(Sync)),
    Form("apply S1", "its store takes what is committed", rf"apply {MEMBER}",
         _of_member(ApplyCommitted)),
    Form("snapshot S1", "its disk finishes saving its own snapshot", rf"snapshot {MEMBER}",
         _of_member(KeepSnapshot)),
    Form("report S1 S2", "S1's transport tells what became of a snapshot to S2",
         rf"report {MEMBER} S{NUMBER}", _of_member_and(Report)),
    Form("effect", "the next single decision (effect 3: three of them)", f"effect{TIMES}",
         _grain(Grain.EFFECT), goes_on=True),
    Form("step", "until a message has arrived or a timer has fired", f"step{TIMES}",
         _grain(Grain.MESSAGE), goes_on=True),
    Form("turn", "everything that is due now at one member", f"turn{TIMES}", _grain(Grain.TURN),
         goes_on=True),
    Form("next", "until the next change worth a stop", f"next{TIMES}", _grain(Grain.CHANGE),
         goes_on=True),
    Form("run 500 ms", "everything that is due within a time", r"run (?P<amount>\d+(\.\d+)?) ?"
         "(?P<unit>ms|s)", _run, goes_on=True),
    Form("run until S2 leads", "until a condition holds", "run until (?P<condition>.+)", _run_until,
         goes_on=True),
    Form("settle", "until nothing is on its way or to be done", "settle", _settle, goes_on=True),
    Form("elect S2", "S2 stands, wins, and everybody knows", f"elect {MEMBER}", _elect,
         goes_on=True),
)  # fmt: skip
"""Every kind of act, and the help text."""
