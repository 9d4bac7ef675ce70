"""Metrics: numbers for those who graph them, in the text form that Prometheus reads.

    # HELP etcd_server_has_leader Whether a leader is known: 1 if so, 0 if not.
    # TYPE etcd_server_has_leader gauge
    etcd_server_has_leader 1

A counter only rises, a gauge goes up and down, a histogram is several counters: how often something
took no longer than each bound (`le`), how often in all, and how long in all.

The names are etcd's, so that a dashboard made for etcd shows ours.

Source: the text format of Prometheus, version 0.0.4; etcd 3.4 Documentation/metrics.md.

Left out: what ours has not: v3's keys, leases and database, gRPC, Go's run time.

Differs: etcd counts what the store did since the process was started; ours since the data directory
was made, as `/v2/stats/store` does.

Next page: `debug`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, TypeAlias

from learnetcd.api.call import Call
from learnetcd.api.http import HttpResponse
from learnetcd.api.meters import Histogram
from learnetcd.member import cluster
from learnetcd.member.version import SERVER_VERSION
from learnetcd.raft.entry import NO_MEMBER
from learnetcd.raft.roles import Leader
from learnetcd.store.node import SECOND_NS
from learnetcd.store.statistics import EXPIRED, PREFIXES
from learnetcd.value import dataclass

Reading: TypeAlias = "float | Histogram"
Labelled: TypeAlias = "dict[str, Reading]"
"""Readings by their labels: `method="GET"`."""

CONTENT_TYPE = ("Content-Type", "text/plain; version=0.0.4; charset=utf-8")


@dataclass(frozen=True, slots=True)
class Metric:
    """One thing that is measured."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    help: str
    read: Callable[[Call], Reading | Labelled]


def metrics(call: Call) -> HttpResponse:
    """GET /metrics."""
    call.facts.meters.look_who_leads(call.member)
    text = "".join(f"{line}\n" for metric in METRICS for line in lines(metric, call))
    return HttpResponse(200, (CONTENT_TYPE,), text.encode())


def lines(metric: Metric, call: Call) -> Iterator[str]:
    """A metric as text; nothing if it has no readings."""
    reading = metric.read(call)
    labelled = reading if isinstance(reading, dict) else {"": reading}
    if labelled:
        yield f"# HELP {metric.name} {metric.help}"
        yield f"# TYPE {metric.name} {metric.kind}"
    for labels, one in labelled.items():
        if isinstance(one, Histogram):
            yield from histogram_lines(metric.name, labels, one)
        else:
            yield sample(metric.name, labels, one)


def histogram_lines(name: str, labels: str, histogram: Histogram) -> Iterator[str]:
    """The many lines of a histogram."""
    before = f"{labels}," if labels else ""
    for bound, count in histogram.within():
        yield sample(f"{name}_bucket", f'{before}le="{bound:g}"', count)
    yield sample(f"{name}_bucket", f'{before}le="+Inf"', histogram.count)
    yield sample(f"{name}_sum", labels, histogram.total)
    yield sample(f"{name}_count", labels, histogram.count)


def sample(name: str, labels: str, value: float) -> str:
    """One line."""
    return f"{name}{{{labels}}} {value}" if labels else f"{name} {value}"


# -- what is read where -----------------------------------------------------------------------


def cluster_version(call: Call) -> Labelled:
    """The version that was agreed on, if it was: 3.4 of 3.4.0."""
    version = cluster.version(call.member.store).rpartition(".")[0]
    return {f'cluster_version="{version}"': 1} if version else {}


def store_counts(end: str) -> Callable[[Call], Labelled]:
    """How often the store did what, or refused it; but for reads."""

    def read(call: Call) -> Labelled:
        counters = call.member.store.statistics.counters
        counts = {action: counters[f"{prefix}{end}"] for action, prefix in PREFIXES.items()}
        return {f'action="{a}"': count for a, count in counts.items() if count and a != "get"}

    return read


def read_counts(end: str) -> Callable[[Call], Labelled]:
    """How often the store was read, or had nothing there."""
    return lambda call: {'action="get"': call.member.store.statistics.counters[f"gets{end}"]}


def received(call: Call) -> Labelled:
    """Requests about keys, by method."""
    return {f'method="{method}"': count for method, count in call.facts.meters.received.items()}


def failed(call: Call) -> Labelled:
    """Those that were refused, by status and method."""
    failures = call.facts.meters.failed
    return {f'code="{status}",method="{method}"': n for (method, status), n in failures.items()}


def succeeded(call: Call) -> Labelled:
    """How long the others took, by method."""
    return {f'method="{method}"': took for method, took in call.facts.meters.succeeded.items()}


def timed_out(call: Call) -> float:
    """Requests about keys to which the cluster gave no answer."""
    return sum(count for (_, status), count in call.facts.meters.failed.items() if status == 500)


METRICS = (
    Metric(
        "etcd_cluster_version",
        "gauge",
        "The version that the members agreed on.",
        cluster_version,
    ),
    Metric(
        "etcd_debugging_store_expires_total",
        "counter",
        "Keys whose time to live was over.",
        lambda call: call.member.store.statistics.counters[EXPIRED],
    ),
    Metric(
        "etcd_debugging_store_reads_failed_total",
        "counter",
        "Reads that found nothing.",
        read_counts("Fail"),
    ),
    Metric(
        "etcd_debugging_store_reads_total",
        "counter",
        "Reads that found something.",
        read_counts("Success"),
    ),
    Metric(
        "etcd_debugging_store_watch_requests_total",
        "counter",
        "Watches that were asked for.",
        lambda call: call.facts.meters.watches,
    ),
    Metric(
        "etcd_debugging_store_watchers",
        "gauge",
        "Clients who watch.",
        lambda call: len(call.member.watchers),
    ),
    Metric(
        "etcd_debugging_store_writes_failed_total",
        "counter",
        "Writes that were refused.",
        store_counts("Fail"),
    ),
    Metric(
        "etcd_debugging_store_writes_total",
        "counter",
        "Writes that were done.",
        store_counts("Success"),
    ),
    Metric(
        "etcd_disk_wal_fsync_duration_seconds",
        "histogram",
        "How long the disk took to make sure of the write-ahead log.",
        lambda call: call.facts.meters.fsync,
    ),
    Metric(
        "etcd_http_failed_total",
        "counter",
        "Requests about keys that failed.",
        failed,
    ),
    Metric(
        "etcd_http_received_total",
        "counter",
        "Requests about keys.",
        received,
    ),
    Metric(
        "etcd_http_successful_duration_seconds",
        "histogram",
        "How long requests about keys took.",
        succeeded,
    ),
    Metric(
        "etcd_server_has_leader",
        "gauge",
        "Whether a leader is known: 1 if so, 0 if not.",
        lambda call: int(call.member.raft.leader != NO_MEMBER),
    ),
    Metric(
        "etcd_server_id",
        "gauge",
        "The id of this member.",
        lambda call: {f'server_id="{cluster.name_of(call.member.id)}"': 1},
    ),
    Metric(
        "etcd_server_is_leader",
        "gauge",
        "Whether this member leads: 1 if so, 0 if not.",
        lambda call: int(isinstance(call.member.raft.role, Leader)),
    ),
    Metric(
        "etcd_server_is_learner",
        "gauge",
        "Whether this member is a learner: 1 if so, 0 if not.",
        lambda call: int(call.member.id in call.member.raft.configuration.learners),
    ),
    Metric(
        "etcd_server_leader_changes_seen_total",
        "counter",
        "How often another member began to lead.",
        lambda call: call.facts.meters.leader_changes,
    ),
    Metric(
        "etcd_server_proposals_applied_total",
        "gauge",
        "The last entry that the store has.",
        lambda call: call.member.applied_index,
    ),
    Metric(
        "etcd_server_proposals_committed_total",
        "gauge",
        "The last entry that is committed.",
        lambda call: call.member.raft.log.commit_index,
    ),
    Metric(
        "etcd_server_proposals_failed_total",
        "counter",
        "Requests about keys to which the cluster gave no answer in time.",
        timed_out,
    ),
    Metric(
        "etcd_server_proposals_pending",
        "gauge",
        "Clients who wait for an entry.",
        lambda call: len(call.member.waiting),
    ),
    Metric(
        "etcd_server_version",
        "gauge",
        "The version that this server speaks.",
        lambda call: {f'server_version="{SERVER_VERSION}"': 1},
    ),
    Metric(
        "process_cpu_seconds_total",
        "counter",
        "Time that processors spent on this process.",
        lambda call: call.facts.usage().cpu_seconds,
    ),
    Metric(
        "process_max_fds",
        "gauge",
        "How many files and connections may be open.",
        lambda call: call.facts.usage().most_open_files,
    ),
    Metric(
        "process_open_fds",
        "gauge",
        "How many files and connections are open.",
        lambda call: call.facts.usage().open_files,
    ),
    Metric(
        "process_resident_memory_bytes",
        "gauge",
        "Memory that this process has.",
        lambda call: call.facts.usage().resident_bytes,
    ),
    Metric(
        "process_start_time_seconds",
        "gauge",
        "When this process was started, in seconds since 1970.",
        lambda call: call.facts.started_ns / SECOND_NS,
    ),
    Metric(
        "process_virtual_memory_bytes",
        "gauge",
        "Addresses that this process could use.",
        lambda call: call.facts.usage().virtual_bytes,
    ),
)
"""In the order of their names."""
