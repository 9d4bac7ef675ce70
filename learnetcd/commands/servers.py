"""Commands for real members: one, several, what they need, and who asks them.

Next page: `runs`.
"""

from __future__ import annotations

import argparse

from learnetcd.commands.row import Command, add_credentials_options, amount, port

MOST_MEMBERS = 7


def add_real_cluster_options(parser: argparse.ArgumentParser) -> None:
    """What `learnetcd cluster` may be given."""
    parser.add_argument(
        "what",
        nargs="?",
        choices=("article",),
        help="the three hosts of the article, with its configuration files and its ids",
    )
    parser.add_argument(
        "--size", type=cluster_size, metavar="N", help="how many members (default: 3)"
    )
    parser.add_argument("--profile", metavar="NAME", help="whose Raft (default: etcd-3.3)")
    parser.add_argument("--etcd", action="store_true", help="real etcds instead of ours")
    parser.add_argument(
        "--tls",
        action="store_true",
        help="encrypted, with certificates for all, which are made (needs the extra `tls`)",
    )
    parser.add_argument(
        "--trace-stream",
        action="store_true",
        help="let `learnetcd tui --attach URL...` watch them, and hold them at gates",
    )
    parser.add_argument(
        "--data-dir", metavar="DIR", help="keep the data there (default: a folder that goes again)"
    )
    parser.add_argument(
        "--first-port",
        type=port,
        metavar="N",
        help="take the ports from N on, two for each member (default: 2379)",
    )


def add_certs_options(parser: argparse.ArgumentParser) -> None:
    """What `learnetcd certs` may be given."""
    parser.add_argument("folder", metavar="DIR", help="where to write them")
    parser.add_argument(
        "--hosts",
        default="",
        metavar="NAME,...",
        help="names and addresses of the members, besides those of this machine",
    )
    parser.add_argument(
        "--client",
        action="append",
        default=[],
        metavar="USER",
        help="one for this user, too (may be repeated; also where an authority is already)",
    )


def add_demo_options(parser: argparse.ArgumentParser) -> None:
    """What `learnetcd demo` may be given."""
    parser.add_argument(
        "name",
        metavar="NAME",
        help="discovery, pubsub, balance, coordinate, lock, queue or election",
    )
    parser.add_argument("--naive", action="store_true", help="as one would write it at first")
    parser.add_argument(
        "--fault",
        metavar="NAME",
        help="the trouble: killed, paused or cut (a program), leader (the cluster's is killed)",
    )
    parser.add_argument(
        "--against", metavar="URL", help="use this cluster, ours or etcd's (default: a new one)"
    )
    add_credentials_options(parser, "--against")


def cluster_size(words: str) -> int:
    """How many members; more than seven would only make each decision slower."""
    number = amount(words)
    if number > MOST_MEMBERS:
        raise argparse.ArgumentTypeError(f"a cluster has 1 to {MOST_MEMBERS} members, not {number}")
    return number


SERVERS = (
    Command(
        words="serve",
        summary="run one real member of etcd: its API, its files, its flags",
        work="learnetcd.runtime.command:run",
        reads_its_own_words=True,
    ),
    Command(
        words="cluster",
        summary="run a cluster of real members on this machine, until Ctrl+C",
        story="""\
Starts several members, each a process of its own, and shows what they say, with the
name of the member before each line. When all are ready, a line says how to ask them.
Kill one, and see what the others make of it. Ctrl+C ends all of them.
""",
        examples="""\
  learnetcd cluster                          m1 on port 2379, m2 on 2381, m3 on 2383
  learnetcd cluster --size 5 --profile paper
  learnetcd cluster --etcd                   the same with real etcds (which must be here)
  learnetcd cluster --tls                    encrypted; a line says which files clients need
  learnetcd cluster article                  etcd-0-8, etcd-0-17 and etcd-0-14
""",
        work="learnetcd.runtime.local_cluster:run",
        add_options=add_real_cluster_options,
    ),
    Command(
        words="certs",
        summary="make an authority and certificates, for members and clients of a class",
        story="""\
Makes a small authority and what it signs: certificates for members (towards clients
and towards each other) and for a client. They are good for a year, for lessons.
Then it prints with which flags members and clients use them.
""",
        examples="""\
  learnetcd certs pki                        for members on this machine
  learnetcd certs pki --hosts infra0.example.com,10.0.0.1
  learnetcd certs pki --client alice         who shows it is the user alice, without a password
""",
        work="learnetcd.runtime.certificates:run",
        add_options=add_certs_options,
    ),
    Command(
        words="demo",
        summary="what people use etcd for, in trouble: the naive form and the one that holds",
        story="""\
Plays one of seven uses of etcd with a few programs and a cluster of three members:
service discovery, publish and subscribe, load balancing, coordination, a lock, a queue,
an election. A trouble befalls one of the programs. The naive form breaks its promise;
the recipe keeps it. The exit code says whether the promise was kept.
""",
        examples="""\
  learnetcd demo lock --naive --fault paused       who was paused writes over who came later
  learnetcd demo lock --fault paused               the same, with a number that grows
  learnetcd demo queue --fault leader              no job is lost when the cluster's leader dies
  learnetcd demo discovery --against http://127.0.0.1:2379
  learnetcd demo lock --against https://127.0.0.1:2379 --ca-file pki/ca.pem -u alice
""",
        work="learnetcd.demo.performance:run",
        add_options=add_demo_options,
    ),
    Command(
        words="ctl",
        summary="ask a running etcd, with the verbs of etcdctl: get, set, ls, watch ...",
        work="learnetcd.ctl.command:run",
        reads_its_own_words=True,
    ),
)
