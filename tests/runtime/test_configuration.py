"""What a server may be told, by which way, and what it says to what it can't do."""

import re
from contextlib import suppress
from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnetcd.errors import UserError
from learnetcd.raft.config import PROFILES
from learnetcd.raft.rules import SOUND
from learnetcd.runtime.configuration import read_settings
from learnetcd.runtime.flags import FLAGS, Fate, Flag
from learnetcd.runtime.settings import InitialMember, Settings
from learnetcd.runtime.sources import WrongUsage, from_environment_file
from learnetcd.runtime.values import BadValue

CONF = (Path(__file__).parent / "etcd.conf").read_text(encoding="utf-8")
"""The environment file of the etcd package, every line of it in use or with a `#` before it."""


def settings_of(
    *words: str, environ: dict[str, str] | None = None, **files: str
) -> tuple[Settings, list[str]]:
    """Settings and warnings; a file `etcd_yml` is called `etcd.yml`."""

    def read_file(path: str) -> str:
        try:
            return files[path.replace(".", "_")]
        except KeyError:
            raise FileNotFoundError(2, "No such file or directory", path) from None

    return read_settings(words, environ or {}, read_file)


# --- the value ----------------------------------------------------------------------------------


def test_settings_stay_as_they_are_while_the_server_runs():
    with pytest.raises(FrozenInstanceError):
        Settings().name = "another"  # type: ignore[misc]


def test_without_a_word_the_settings_are_the_defaults():
    assert settings_of() == (Settings(), [])


def test_no_profile_of_a_server_has_a_broken_rule():
    """A broken twin is for lessons: it must not guard anybody's data."""
    assert {config.rules for config in PROFILES.values()} == {SOUND}
    for profile in PROFILES:
        assert settings_of("--profile", profile)[0].profile == profile
    with pytest.raises(WrongUsage, match=r"one of 'etcd-3\.3', 'etcd-3\.5', 'paper'"):
        settings_of("--profile=vote-memory")
    told = [flag.name for flag in FLAGS if re.search("rule|twin|mutant|broken", flag.name)]
    assert told == []


def test_every_honoured_flag_fills_a_field_and_every_field_has_its_flag():
    honoured = {flag.setting for flag in FLAGS if flag.fate is Fate.HONOURED}
    no_fields = {"config_file", "environment_file", "version", "debug"}
    assert honoured - no_fields == {field.name for field in fields(Settings)}


@pytest.mark.parametrize("flag", FLAGS, ids=lambda flag: flag.name)
def test_every_default_can_be_typed(flag: Flag):
    """So the help shows what could stand there, and `refused` compares like with like."""
    if flag.name != "initial-cluster" and flag.default:
        flag.kind.read(flag.default)


# --- the command line ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        ["--name", "a", "--enable-v2=false"],
        ["-name", "a", "-enable-v2=false"],
        ["-name=a", "--enable-v2=F"],
        ["--enable-v2", "--name=b", "--enable-v2=0", "--name=a"],
        ["--enable-v2=False", "--name=a", "--"],
    ],
)
def test_flags_are_read_as_go_reads_them(words: list[str]):
    settings, warnings = settings_of(*words)
    assert (settings.name, settings.enable_v2, warnings) == ("a", False, [])


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--nonsense"], "There is no flag --nonsense."),
        (["--max-wal=3"], "There is no flag --max-wal. Did you mean '--max-wals'?"),
        (["--name"], "--name needs a value: --name=..."),
        (["---name=a"], "'---name=a' is no flag: one looks like --name=VALUE."),
        (["--max-wals=-1"], "--max-wals=-1: it takes a whole number, 0 or more."),
        (["--max-wals="], "--max-wals=: it takes a whole number, 0 or more."),
        (["--enable-v2=maybe"], "--enable-v2=maybe: it takes 'true' or 'false'."),
        (["--initial-cluster-state=old"], "it takes one of 'new', 'existing'."),
        (["--grpc-keepalive-timeout=2x"], "it takes a time such as '5s' or '2h30m'."),
        (["--listen-client-urls=10.0.0.7:2379"], "must begin with 'http://' or 'https://'."),
        (["--listen-client-urls=http://10.0.0.7"], "must name a host and a port"),
        (["--listen-client-urls=http://10.0.0.7:99999"], "is no URL such as"),
        (["--listen-client-urls=http://10.0.0.7:1/x"], "must end with the port"),
        (["--cors=example.com"], "must begin with 'http://' or 'https://'."),
    ],
)
def test_a_command_line_that_makes_no_sense_is_wrong_usage(words: list[str], sentence: str):
    with pytest.raises(WrongUsage) as refused:
        settings_of(*words)
    assert sentence in str(refused.value)


@pytest.mark.parametrize("words", [["infra0"], ["--pre-vote", "true"], ["--", "x"], ["-"]])
def test_a_word_that_is_no_flag_is_refused(words: list[str]):
    with pytest.raises(UserError, match="is not a valid flag") as refused:
        settings_of(*words)
    assert not isinstance(refused.value, WrongUsage)  # etcd exits with 1 here, not with 2


@given(st.lists(st.text(max_size=20), max_size=4))
def test_no_command_line_ends_in_a_traceback(words: list[str]):
    with suppress(UserError):
        assert isinstance(settings_of(*words)[0], Settings)


@given(st.sampled_from(FLAGS), st.text(max_size=30))
def test_every_kind_reads_a_text_or_says_what_it_takes(flag: Flag, text: str):
    with suppress(BadValue):
        flag.kind.read(text)


# --- the environment ----------------------------------------------------------------------------


def test_a_variable_does_what_its_flag_does():
    by_flag = settings_of("--name=a", "--max-wals=0", "--pre-vote")
    by_variable = settings_of(
        environ={"ETCD_NAME": "a", "ETCD_MAX_WALS": "0", "ETCD_PRE_VOTE": "true", "HOME": "/"}
    )
    assert by_flag == by_variable


@pytest.mark.parametrize("text", ["b", "a", ""])
def test_a_variable_beside_its_flag_is_refused(text: str):
    """Unlike etcd 3.3, which only warned. An empty one is refused as well."""
    with pytest.raises(UserError, match="ETCD_NAME is set, and --name is given"):
        settings_of("--name=a", environ={"ETCD_NAME": text})


def test_a_bad_value_of_a_variable_is_no_wrong_usage():
    with pytest.raises(UserError, match="ETCD_MAX_WALS=x: it takes a whole number") as refused:
        settings_of(environ={"ETCD_MAX_WALS": "x"})
    assert not isinstance(refused.value, WrongUsage)


def test_an_unknown_variable_is_a_warning():
    settings, warnings = settings_of(environ={"ETCD_NMAE": "a"})
    assert settings == Settings()
    assert warnings == ["There is no setting ETCD_NMAE: it is ignored. Did you mean 'ETCD_NAME'?"]


def test_an_empty_variable_is_not_set():
    assert settings_of(environ={"ETCD_NAME": "", "ETCD_CERT_FILE": ""}) == (Settings(), [])


# --- the file of the package --------------------------------------------------------------------


def test_the_file_of_the_package_is_read_with_its_headings_and_remarks():
    variables = from_environment_file("etcd.conf", CONF)
    assert variables["ETCD_DATA_DIR"] == "/data/app/etcd/"
    assert variables["ETCD_NAME"] == "etcd-0-8"
    assert variables["ETCD_CORS"] == ""
    assert "ETCD_MAX_WALS" not in variables


def test_the_file_of_the_package_starts_a_server_once_it_names_one_member():
    own = "etcd-0-8=http://172.16.0.8:2380"
    alone = re.sub('ETCD_INITIAL_CLUSTER=".*"', f'ETCD_INITIAL_CLUSTER="{own}"', CONF)
    settings, warnings = settings_of("--environment-file=etcd.conf", etcd_conf=alone)
    assert settings == Settings(
        name="etcd-0-8",
        data_dir="/data/app/etcd/",
        listen_peer_urls=("http://172.16.0.8:2380",),
        listen_client_urls=("http://127.0.0.1:2379", "http://172.16.0.8:2379"),
        initial_advertise_peer_urls=("http://172.16.0.8:2380",),
        advertise_client_urls=("http://127.0.0.1:2379", "http://172.16.0.8:2379"),
        initial_cluster=(InitialMember("etcd-0-8", ("http://172.16.0.8:2380",)),),
        initial_cluster_token="etcd-token",
    )
    assert len(warnings) == 1


def test_the_file_of_the_package_names_a_cluster_of_three():
    settings, _ = settings_of("--environment-file=etcd.conf", etcd_conf=CONF)
    assert {one.name for one in settings.initial_cluster} == {"etcd-0-8", "etcd-0-14", "etcd-0-17"}


EVERY_LINE = re.sub("(?m)^#(?=ETCD_)", "", CONF)
"""With the lines that are switched off in the package, too."""


@pytest.mark.parametrize("variable", sorted(from_environment_file("", EVERY_LINE)))
def test_every_variable_of_the_package_is_honoured_or_named_in_the_one_warning(variable: str):
    """Of each that is set: it fills a field, or it is off as it is here, or the warning says so."""
    text = from_environment_file("", EVERY_LINE)[variable]
    flag = next(flag for flag in FLAGS if flag.variable == variable)  # so none is unknown to us
    if flag.name in {"initial-cluster", "listen-client-urls", "initial-advertise-peer-urls"}:
        return  # they need each other: see the tests above
    settings, warnings = settings_of(environ={variable: text})
    match flag.fate:
        case _ if text == "":
            assert (settings, warnings) == (Settings(), [])
        case Fate.HONOURED:
            assert warnings == []
            if flag.name not in {"version", "debug"}:
                assert getattr(settings, flag.setting) == flag.kind.read(text)
        case Fate.REFUSED:
            assert (text, warnings) == (flag.default, [])
        case Fate.UNUSED:
            assert warnings == [f"Without effect here: {variable} ({flag.help})."]


def test_what_has_no_effect_is_named_in_one_warning_by_what_happens_instead():
    _, [warning] = settings_of(
        "--auth-token=jwt", environ={"ETCD_METRICS": "basic", "ETCD_BCRYPT_COST": "4"}
    )
    assert warning == (
        "Without effect here: ETCD_METRICS (/metrics has one level of detail); "
        "--auth-token, ETCD_BCRYPT_COST (the v3 API is not served)."
    )


def test_the_environment_proper_wins_over_its_file():
    settings, _ = settings_of(
        "--environment-file=etcd.conf", environ={"ETCD_NAME": "b"}, etcd_conf="ETCD_NAME=a\n"
    )
    assert settings.name == "b"


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("ETCD_NAME=a", "a"),
        ("  ETCD_NAME = a b  # remark", "a b"),
        ("ETCD_NAME='a \" b'", 'a " b'),
        ('ETCD_NAME="a # b"  # c', "a # b"),
        ("ETCD_NAME=a#b", "a#b"),
        ("ETCD_NAME=", ""),
        ("; ETCD_NAME=a\n[Member]\n\n#x\nETCD_NAME=z", "z"),
    ],
)
def test_lines_of_an_environment_file(line: str, text: str):
    assert from_environment_file("f", line) == {"ETCD_NAME": text}


def test_a_line_that_is_none_is_refused_with_its_number():
    with pytest.raises(UserError, match=r"^etcd\.conf, line 2: NAME=VALUE is expected, not 'name'"):
        settings_of("--environment-file=etcd.conf", etcd_conf="ETCD_NAME=a\nname\n")


# --- etcd's configuration file ------------------------------------------------------------------

YAML = """\
# as etcd's own etcd.conf.yml.sample
name: infra0
data-dir: /var/lib/etcd
wal-dir: /fast/wal
max-wals: 7
listen-client-urls: http://127.0.0.1:2379
enable-v2: false
cors:
client-transport-security:
  cert-file:
  client-cert-auth: false
log-outputs: [stderr, out.log]
proxy: 'off'
"""


def test_a_proxy_is_in_no_list_and_nobody_is_told_where_it_is():
    words = (
        "--proxy=on",
        "--initial-cluster=a=http://a:1",
        "--listen-client-urls=http://1.1.1.1:1",
    )
    settings, warnings = settings_of(*words)
    assert (settings.proxy, settings.initial_cluster[0].name, warnings) == ("on", "a", [])


def test_a_proxy_is_told_by_the_variables_of_the_package_how_long_to_wait():
    names = ("FAILURE_WAIT", "REFRESH_INTERVAL", "DIAL_TIMEOUT", "WRITE_TIMEOUT", "READ_TIMEOUT")
    environ = {f"ETCD_PROXY_{name}": str(10 + place) for place, name in enumerate(names)}
    here = {"ETCD_PROXY": "readonly", "ETCD_INITIAL_CLUSTER": "a=http://a:1"}
    settings, warnings = settings_of(environ=environ | here)
    assert warnings == []
    assert settings.proxy == "readonly"
    assert (
        settings.proxy_failure_wait_ms,
        settings.proxy_refresh_interval_ms,
        settings.proxy_dial_timeout_ms,
        settings.proxy_write_timeout_ms,
        settings.proxy_read_timeout_ms,
    ) == (10, 11, 12, 13, 14)


def test_a_configuration_file_fills_the_settings():
    settings, warnings = settings_of("--config-file=etcd.yml", etcd_yml=YAML)
    assert warnings == []
    assert settings == Settings(
        name="infra0",
        data_dir="/var/lib/etcd",
        wal_dir="/fast/wal",
        max_wals=7,
        listen_client_urls=("http://127.0.0.1:2379",),
        initial_cluster=(InitialMember("infra0", ("http://localhost:2380",)),),
        enable_v2=False,
        log_outputs=("stderr", "out.log"),
    )


def test_beside_a_configuration_file_nothing_else_counts_and_that_is_said():
    settings, warnings = settings_of(
        "--name=a", environ={"ETCD_CONFIG_FILE": "f", "ETCD_MAX_WALS": "1"}, f="name: b"
    )
    assert (settings.name, settings.max_wals) == ("b", 5)
    assert warnings == ["f counts alone: ignored --name, ETCD_MAX_WALS."]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("max-wals: five", "max-wals in f: a number is expected, not 'five'."),
        ("max-wals: '5'", "max-wals in f: a number is expected, not '5'."),
        ("max-wals: true", "max-wals in f: a number is expected, not True."),
        ("enable-v2: 'false'", "enable-v2 in f: true or false is expected, not 'false'."),
        ("name: 5", "name in f: a text is expected, not 5."),
        ("log-outputs: stderr", "log-outputs in f: a list is expected, not 'stderr'."),
        ("max-wals: -1", "max-wals in f=-1: it takes a whole number, 0 or more."),
        ("a: [", "f, line 1: this is no YAML"),
        ("- a", "f: 'NAME: VALUE' lines are expected."),
        ("ETCD_NAME=a", "Those are read by --environment-file."),
        (
            "peer-transport-security: {client-cert-auth: true}",
            "--peer-client-cert-auth needs --peer-trusted-ca-file: whose signature shall count?",
        ),
    ],
)
def test_a_bad_configuration_file_is_one_sentence(text: str, sentence: str):
    with pytest.raises(UserError) as refused:
        settings_of("--config-file=f", f=text)
    assert sentence in str(refused.value)
    assert not isinstance(refused.value, WrongUsage)


def test_a_line_that_is_no_setting_is_a_warning():
    """Differs: etcd says nothing."""
    _, warnings = settings_of(
        "--config-file=f", f="max-walls: 5\nclient-transport-security: {a: 1}"
    )
    assert warnings == [
        "f sets 'max-walls', which is no setting: ignored. Did you mean 'max-wals'?",
        "f sets 'client-transport-security: a', which is no setting: ignored.",
    ]


def test_a_file_that_is_not_there_is_one_sentence():
    with pytest.raises(UserError, match=r"^etcd\.yml can't be read: No such file or directory\.$"):
        settings_of("--config-file=etcd.yml")


@given(st.text(max_size=60))
def test_no_file_ends_in_a_traceback(text: str):
    for words in (["--config-file=f"], ["--environment-file=f"]):
        with suppress(UserError):
            settings_of(*words, f=text)


# --- what fits together -------------------------------------------------------------------------


def test_a_member_is_called_default_and_its_folder_and_cluster_go_by_its_name():
    settings, _ = settings_of("--name=infra0", "--initial-advertise-peer-urls=http://10.0.0.1:2380")
    assert settings.data_dir == "infra0.etcd"
    assert settings.initial_cluster == (InitialMember("infra0", ("http://10.0.0.1:2380",)),)


def test_urls_are_sorted_and_each_there_once():
    settings, _ = settings_of("--advertise-client-urls", "http://b:2, http://a:1,http://b:2")
    assert settings.advertise_client_urls == ("http://a:1", "http://b:2")


def test_debug_is_the_old_name_of_a_log_level():
    assert settings_of("--debug")[0].log_level == "debug"
    assert settings_of("--log-output=stdout")[0].log_outputs == ("stdout",)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--listen-client-urls=http://10.0.0.1:1"], "--advertise-client-urls is required when"),
        (["--listen-peer-urls=http://example.com:1"], "must name an IP address to listen on"),
        (
            ["--listen-peer-urls=unix://a:1"],
            "can't be had: only http://HOST:PORT and https://HOST:PORT",
        ),
        (["--advertise-client-urls=http://:1"], "--advertise-client-urls needs at least one URL"),
        (["--heartbeat-interval=0"], "--heartbeat-interval must be more than 0 ms."),
        (["--election-timeout=0"], "--election-timeout must be more than 0 ms."),
        (["--heartbeat-interval=201"], "(1000 ms) must be at least five times"),
        (["--election-timeout=50001"], "(50001 ms) must be at most 50000 ms."),
        (["--initial-cluster=a=http://a:1"], "names a, but not this member, which --name calls"),
        (["--initial-cluster=default=http://a:1"], "says that 'default' is reached at http://a:1"),
        (["--initial-cluster=foo"], "--initial-cluster: NAME=URL is expected, not 'foo'."),
        (["--initial-cluster=a=b"], "--initial-cluster: 'b' must begin with 'http://'"),
        (["--discovery=http://x/y", "--initial-cluster=a=b"], "say who the members are: keep one"),
        (["--discovery=x"], "--discovery: a URL like http://HOST:PORT/v2/keys/NAME is expected"),
        (
            ["--discovery-proxy=https://x"],
            "--discovery-proxy: a proxy at http://HOST:PORT is expect",
        ),
        (["--discovery-proxy=x:y"], "--discovery-proxy: a proxy at http://HOST:PORT is expected"),
        (
            ["--discovery=http://x/y", "--initial-cluster-state=existing"],
            "--discovery is for new clusters",
        ),
        (["--client-cert-auth"], "--client-cert-auth needs --trusted-ca-file"),
        (["--cipher-suites=x"], "--cipher-suites can't be had: TLS 1.2 and newer with the"),
        (
            ["--proxy=on", "--proxy-refresh-interval=0"],
            "--proxy-refresh-interval must be more than 0 ms.",
        ),
        (["--proxy=readonly", "--trace-stream"], "show a member at work, and --proxy has none."),
        (["--unsafe-no-fsync"], "--unsafe-no-fsync can't be had: every write is on the disk"),
        (["--listen-metrics-urls=http://a:1"], "are answered at --listen-client-urls"),
        (
            [
                "--trace-stream",
                "--listen-client-urls=https://0.0.0.0:1",
                "--advertise-client-urls=https://a:1",
            ],
            "listen on 127.0.0.1, or by https with --client-cert-auth.",
        ),
        (["--allow-hold"], "--allow-hold is for those who watch: give --trace-stream, too."),
        (
            [
                "--trace-stream",
                "--listen-client-urls=http://0.0.0.0:1",
                "--advertise-client-urls=http://a:1",
            ],
            "--trace-stream shows every key and value to whoever can connect, and http://0.0.0.0:1",
        ),
    ],
)
def test_what_does_not_fit_is_one_sentence(words: list[str], sentence: str):
    with pytest.raises(UserError) as refused:
        settings_of(*words)
    assert sentence in str(refused.value)
    assert not isinstance(refused.value, WrongUsage)
