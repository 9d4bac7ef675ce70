"""What is told to those who watch over a server: stats, metrics, variables."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnetcd.api.facts import Usage
from learnetcd.api.meters import Deliveries, Histogram, Meters
from learnetcd.api.metrics import METRICS
from learnetcd.api.stats import duration, number
from tests.api.alone import BORN_MS, Alone


def values(alone: Alone) -> dict[str, str]:
    """The samples of /metrics, by name and labels."""
    text = alone.ask("GET", "/metrics").body.decode()
    assert text.endswith("\n")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return dict(line.rsplit(" ", 1) for line in lines)


# -- stats ------------------------------------------------------------------------------------


def test_a_member_says_who_it_is_and_who_leads():
    alone = Alone(started_ns=BORN_MS * 1_000_000)
    alone.ask("GET", "/v2/stats/self")  # now it knows that it leads
    alone.wait(90_500)
    told = json.loads(alone.ask("GET", "/v2/stats/self").body)
    assert (told["name"], told["id"], told["state"]) == ("n1", "1", "StateLeader")
    assert told["startTime"] == "2023-11-14T22:13:20Z"
    assert told["leaderInfo"]["leader"] == "1"
    assert re.fullmatch(r"1m30\.\d+s", told["leaderInfo"]["uptime"])


def test_a_member_without_a_leader_says_so():
    alone = Alone(members=(1, 2, 3))
    told = json.loads(alone.ask("GET", "/v2/stats/self").body)
    assert told["state"] == "StateCandidate"
    assert (told["leaderInfo"]["leader"], told["leaderInfo"]["uptime"]) == ("", "0s")
    assert alone.ask("GET", "/v2/stats/leader").status == 403


def test_the_leader_of_one_has_no_followers(alone: Alone):
    assert alone.ask("GET", "/v2/stats/leader").body == b'{"leader":"1","followers":{}}'


def test_a_leader_tells_how_appends_leave_for_its_followers(alone: Alone):
    """Recorded from etcd 3.4.23, but for the times."""
    quick, silent = Deliveries(), Deliveries()
    for took_ns in (80, 130_000, 269_920):
        quick.observe(took_ns)
    silent.failed = 2
    alone.api.facts.meters.followers |= {0xC8E6: silent, 0x903A: quick}
    told = alone.ask("GET", "/v2/stats/leader").body.decode()
    assert told == (
        '{"leader":"1","followers":{'
        '"903a":{"latency":{"current":0.26992,"average":0.13333333333333333,'
        '"standardDeviation":0.11018693126783331,"minimum":0.00008,"maximum":0.26992},'
        '"counts":{"fail":0,"success":3}},'
        '"c8e6":{"latency":{"current":0,"average":0,"standardDeviation":0,'
        '"minimum":9223372036854776000,"maximum":0},"counts":{"fail":2,"success":0}}}}'
    )


@given(st.floats(min_value=0, max_value=1e15, allow_nan=False))
def test_a_number_comes_back_as_it_was(value: float):
    assert float(number(value)) == value


@pytest.mark.parametrize(
    ("value", "written"), [(0.0, "0"), (5e-6, "0.000005"), (8e-7, "8e-7"), (1e-10, "1e-10")]
)
def test_a_number_is_written_as_by_go(value: float, written: str):
    assert number(value) == written


@pytest.mark.parametrize(
    ("ns", "words"),
    [
        (0, "0s"),
        (1, "1ns"),
        (1_500, "1.5µs"),
        (250_000_000, "250ms"),
        (1_000_000_000, "1s"),
        (61_000_000_001, "1m1.000000001s"),
        (7_384_250_000_000, "2h3m4.25s"),
        (3_600_000_000_000, "1h0m0s"),
    ],
)
def test_time_spans_are_written_as_go_writes_them(ns: int, words: str):
    assert duration(ns) == words


# -- metrics ----------------------------------------------------------------------------------


def test_every_metric_has_its_own_name_and_says_what_it_is():
    names = [metric.name for metric in METRICS]
    assert names == sorted(set(names))
    for metric in METRICS:
        assert "\n" not in metric.help
        assert metric.help.endswith(".")


def test_metrics_tell_what_the_member_knows(alone: Alone):
    alone.ask("PUT", "/v2/keys/x", form=[("value", "1")])
    alone.ask("GET", "/v2/keys/nope")
    alone.ask("GET", "/v2/keys/x", "wait=true")
    seen = values(alone)
    assert seen["etcd_server_has_leader"] == seen["etcd_server_is_leader"] == "1"
    assert seen["etcd_server_leader_changes_seen_total"] == "1"
    assert seen["etcd_server_proposals_applied_total"] == str(alone.member.applied_index)
    assert seen["etcd_debugging_store_watchers"] == "1"
    assert seen['etcd_http_received_total{method="PUT"}'] == "1"
    assert seen['etcd_http_failed_total{code="404",method="GET"}'] == "1"
    assert seen['etcd_http_successful_duration_seconds_count{method="PUT"}'] == "1"
    assert seen['etcd_cluster_version{cluster_version="3.4"}'] == "1"


def test_a_request_that_times_out_is_a_failed_proposal(alone: Alone):
    alone.is_stuck = True
    alone.ask("PUT", "/v2/keys/x")
    assert values(alone)["etcd_server_proposals_pending"] == "1"
    alone.wait(8000)
    assert values(alone)["etcd_server_proposals_failed_total"] == "1"


def test_requests_are_timed_by_the_clock_that_is_given():
    times = iter([10.0, 10.3])
    alone = Alone(clock=lambda: next(times))
    alone.ask("GET", "/v2/keys/")
    seen = values(alone)
    name = "etcd_http_successful_duration_seconds"
    assert seen[f'{name}_bucket{{method="GET",le="0.256"}}'] == "0"
    assert seen[f'{name}_bucket{{method="GET",le="0.512"}}'] == "1"
    assert float(seen[f'{name}_sum{{method="GET"}}']) == pytest.approx(0.3)


def test_the_process_is_asked_when_somebody_wants_to_know():
    alone = Alone(started_ns=1_500_000_000, usage=lambda: Usage(1.5, 2000, 3000, 4, 5))
    seen = values(alone)
    assert seen["process_cpu_seconds_total"] == seen["process_start_time_seconds"] == "1.5"
    assert (seen["process_resident_memory_bytes"], seen["process_max_fds"]) == ("2000", "5")


def test_a_histogram_counts_what_fell_below_each_bound():
    histogram = Histogram(0.001, 3)
    for seconds in (0.0, 0.001, 0.0011, 0.004, 5.0):
        histogram.observe(seconds)
    assert list(histogram.within()) == [(0.001, 2), (0.002, 3), (0.004, 4)]
    assert (histogram.count, histogram.total) == (5, pytest.approx(5.0061))


def test_who_leads_again_is_no_change():
    alone, meters = Alone(), Meters()
    for _ in range(3):
        meters.look_who_leads(alone.member)
    assert (meters.leader, meters.leader_changes) == (1, 1)


# -- variables --------------------------------------------------------------------------------


def test_variables_show_where_raft_stands():
    alone = Alone(command_line=("learnetcd", "serve", '--name="x"'))
    shown = json.loads(alone.ask("GET", "/debug/vars").body)
    assert shown["cmdline"] == ["learnetcd", "serve", '--name="x"']
    status = shown["raft.status"]
    assert (status["raftState"], status["lead"], status["commit"]) == (
        "StateLeader",
        "1",
        alone.member.raft.log.commit_index,
    )
    assert status["progress"]["1"]["match"] == status["commit"]


@pytest.mark.parametrize(
    ("body", "level"),
    [('{"Level":"DEBUG"}', "debug"), ('{"Level":"warning"}', "warn"), ('{"Level":"e"}', "error")],
)
def test_the_log_may_be_made_to_say_more_or_less(body: str, level: str):
    levels: list[str] = []
    alone = Alone(set_log_level=levels.append)
    assert alone.ask("PUT", "/config/local/log", body=body.encode()).status == 204
    assert levels == [level]


@pytest.mark.parametrize("body", ["", "[]", '{"Level":1}', "[" * 100_000, '{"Level":"loud"}', "{}"])
def test_a_level_that_is_none_changes_nothing(body: str):
    levels: list[str] = []
    alone = Alone(set_log_level=levels.append)
    assert alone.ask("PUT", "/config/local/log", body=body.encode()).status == 400
    assert levels == []
