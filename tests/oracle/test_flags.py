"""Are our flags those of the real etcd, with its defaults, and are the same ones refused?"""

import re
import subprocess
from pathlib import Path

import pytest

from learnetcd.errors import UserError
from learnetcd.runtime.configuration import read_settings
from learnetcd.runtime.flags import FLAGS, FORMERLY, OURS
from learnetcd.runtime.sources import WrongUsage
from tests.processes import environment

PATIENCE_S = 10

DIFFERENT_DEFAULTS = {
    "data-dir": ("${name}.etcd", "default.etcd"),  # the same, in other words
    "max-concurrent-streams": ("math.MaxUint32", "4294967295"),  # the same, in other words
    "enable-v2": ("false", "true"),  # Differs: we have nothing else
}
OUTSIDE_ITS_HELP = {"config-file", "version", "log-output", "unsafe-no-fsync"}


def help_of_etcd() -> dict[str, str]:
    """From the name of a flag to its default, as the help shows it."""
    asked = subprocess.run(
        ["etcd", "--help"], capture_output=True, text=True, check=True, timeout=PATIENCE_S
    )
    lines = re.findall(r"^  --([\w-]+) (?:'(.*)'|(\S+))$", asked.stdout + asked.stderr, re.M)
    return {name: quoted or bare for name, quoted, bare in lines}


def test_our_table_holds_the_flags_of_etcd_and_their_defaults():
    theirs = help_of_etcd()
    assert len(theirs) >= 80  # so the help was understood
    ours = {flag.name: flag for flag in FLAGS if flag.group not in (OURS, FORMERLY)}
    assert ours.keys() - OUTSIDE_ITS_HELP == theirs.keys()
    different = {
        name: (theirs[name], flag.default)
        for name, flag in ours.items()
        if name in theirs and theirs[name] != flag.default
    }
    assert different == DIFFERENT_DEFAULTS


def exit_code_of_etcd(folder: Path, words: list[str], environ: dict[str, str]) -> int:
    """What it ends with; it must end by itself, so only what it refuses may be asked."""
    asked = subprocess.run(
        ["etcd", *words],
        cwd=folder,
        env={**environment(), **environ},
        capture_output=True,
        check=False,
        timeout=PATIENCE_S,
    )
    return asked.returncode


def exit_code_of_ours(folder: Path, words: list[str], environ: dict[str, str]) -> int:
    """What `learnetcd serve` would end with."""
    try:
        read_settings(words, environ, lambda path: (folder / path).read_text())
    except WrongUsage:
        return 2
    except UserError:
        return 1
    return 0


@pytest.mark.parametrize("name", sorted({flag.name for flag in FLAGS if flag.group != OURS}))
def test_etcd_knows_each_flag_of_ours(name: str, folder: Path):
    """Also those that its help does not show. The second flag ends it before it serves."""
    asked = subprocess.run(
        ["etcd", f"--{name}=1", "--nonsense"],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    complaint = (asked.stdout + asked.stderr).splitlines()[0]
    assert f"not defined: -{name}" not in complaint


@pytest.mark.parametrize(
    ("words", "environ"),
    [
        (["--nonsense"], {}),
        (["--nonsense=3"], {}),
        (["---name", "a"], {}),
        (["--name"], {}),
        (["a"], {}),
        (["-"], {}),
        (["--", "a"], {}),
        (["--enable-v2", "false"], {}),
        (["--enable-v2=maybe"], {}),
        (["--debug=x"], {}),
        (["--max-wals=x"], {}),
        (["--max-wals=-1"], {}),
        (["--max-wals="], {}),
        (["--max-wals=99999999999999999999"], {}),
        (["--initial-cluster-state=maybe"], {}),
        (["--proxy=foo"], {}),
        (["--discovery-fallback=foo"], {}),
        (["--grpc-keepalive-timeout=2x"], {}),
        (["--cors=foo"], {}),
        (["--listen-client-urls=foo"], {}),
        (["--listen-client-urls=127.0.0.1:1"], {}),
        (["--listen-client-urls=http://127.0.0.1"], {}),
        (["--listen-client-urls=http://127.0.0.1:1/foo"], {}),
        (["--listen-client-urls=http://127.0.0.1:1"], {}),
        (["--listen-client-urls=http://example.com:1", "--advertise-client-urls=http://a:1"], {}),
        (["--advertise-client-urls=http://:1"], {}),
        (["--heartbeat-interval=0"], {}),
        (["--election-timeout=0"], {}),
        (["--heartbeat-interval=201"], {}),
        (["--election-timeout=50001"], {}),
        (["--initial-cluster=foo"], {}),
        (["--initial-cluster=a=http://1.1.1.1:1"], {}),
        (["--initial-cluster=default=http://1.1.1.1:1"], {}),
        (["--discovery=http://x/y", "--initial-cluster=default=http://localhost:2380"], {}),
        (["--config-file=missing.yml"], {}),
        (["--config-file=bad.yml"], {}),
        ([], {"ETCD_CONFIG_FILE": "bad.yml"}),
        ([], {"ETCD_MAX_WALS": "x"}),
        ([], {"ETCD_INITIAL_CLUSTER_STATE": "maybe"}),
        ([], {"ETCD_LISTEN_CLIENT_URLS": "bad"}),
        ([], {"ETCD_LISTEN_CLIENT_URLS": "http://127.0.0.1:1"}),
        (["--name=a"], {"ETCD_NAME": "a"}),
        (["--name=a"], {"ETCD_NAME": ""}),
        ([], {"ETCD_DISCOVERY": "http://x/y", "ETCD_INITIAL_CLUSTER": "a=http://a:1"}),
    ],
)
def test_what_etcd_refuses_we_refuse_with_the_same_exit_code(
    words: list[str], environ: dict[str, str], folder: Path
):
    (folder / "bad.yml").write_text("max-wals: five\n")
    theirs = exit_code_of_etcd(folder, words, environ)
    assert theirs in (1, 2)
    assert exit_code_of_ours(folder, words, environ) == theirs


@pytest.mark.parametrize(
    "words", [["--log-level=loud"], ["--logger=pen"], ["--auto-compaction-mode=x"]]
)
def test_differs_a_word_that_is_none_of_the_few_is_always_wrong_usage(
    words: list[str], folder: Path
):
    """Differs: etcd finds out about these three later: it panics (2), or exits with 1."""
    assert exit_code_of_etcd(folder, words, {}) in (1, 2)
    assert exit_code_of_ours(folder, words, {}) == 2
