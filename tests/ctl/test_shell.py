"""The shell, completion and explanations, against a server of ours."""

import shutil
import subprocess

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from learnetcd.ctl import endpoints, explain, settings, shell
from learnetcd.ctl.call import Call
from learnetcd.ctl.client import Client
from learnetcd.ctl.completion import SCRIPTS, candidates
from learnetcd.ctl.exchange import Answer
from tests.ctl.running import CTL, environment, run
from tests.processes import OURS, Process


@pytest.fixture
def url(ours):
    url = ours.clients[0]
    run("--endpoints", url, "set", "/msg", "hello")
    run("--endpoints", url, "set", "/maps/one", "1")
    return url


def at(url):
    chosen = settings.settings({"endpoints": url}, {})
    return Call(chosen, {}, (), Client(chosen), {"endpoints": url})


# --- the shell ----------------------------------------------------------------------------------


def test_lines_from_a_file_are_carried_out_each_with_its_curl_line(url):
    lines = b"set /x 'a b'\nnosuch\nget /x --quorum\n\n# a comment\nget 'x\nshell\nexit\nget /x\n"
    ended = run("--endpoints", url, "shell", stdin=lines)
    assert (ended.code, ended.out) == (0, "a b\na b\n")
    assert ended.err.splitlines() == [
        f"curl -X PUT {url}/v2/keys/x -d value=a+b",
        "No help topic for 'nosuch'",
        f"curl '{url}/v2/keys/x?quorum=true&recursive=false&sorted=false'",
        "No closing quotation.",
        "This is the shell already; Ctrl+D ends it.",
    ]


def test_the_curl_lines_do_the_same_when_a_shell_runs_them(url):
    lines = b"set '/q/a b' \"it's & <more>\"\nupdate '/q/a b' again --ttl 100\nrm -r /q\n"
    shown = run("--endpoints", url, "shell", stdin=lines).err.splitlines()
    answers = [
        subprocess.run(["sh", "-c", f"{line} -s"], capture_output=True, check=True).stdout
        for line in shown
    ]
    assert [answer.partition(b'"action":"')[2][:3] for answer in answers] == [
        b"set",
        b"upd",
        b"del",
    ]
    assert b"it's \\u0026 \\u003cmore\\u003e" in answers[0]


def test_a_person_types_lines_and_ends_with_ctrl_d(url):
    with create_pipe_input() as keyboard:
        keyboard.send_text("get /msg\rls\r\x04")
        with create_app_session(input=keyboard, output=DummyOutput()):
            assert list(shell.typed(at(url))) == ["get /msg", "ls"]


def test_tab_offers_keys_in_place_of_the_last_word(url):
    offered = shell.completer(at(url)).get_completions(Document("get /m"), CompleteEvent())
    assert [(found.text, found.start_position) for found in offered] == [
        ("/maps/", -2),
        ("/msg", -2),
    ]


# --- completion ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("g", ["get"]),
        ("set", ["set", "setdir"]),
        ("member ", ["add", "list", "remove", "update"]),
        ("member re", ["remove"]),
        ("member list ", []),
        ("get --", ["--quorum", "--sort"]),
        ("--deb", ["--debug"]),
        ("-o json ge", ["get"]),
        ("--endpoints ", []),
        ("nosuch x", []),
        ("--nosuch x", []),
        ("get /ms", ["/msg"]),
        ("--debug set map", ["maps/"]),
        ("ls /maps/", ["/maps/one"]),
        ("ls /nowhere/", []),
        ("cluster-health ", []),
    ],
)
def test_verbs_flags_and_keys_are_completed(url, line, found):
    assert candidates(line, {"endpoints": url}) == found


def test_bash_completes_keys_of_the_cluster(url):
    source = (
        f'learnetcd() {{ {" ".join(CTL[:-1])} "$@"; }}; eval "$(learnetcd ctl completion bash)"; '
        f'COMP_LINE="learnetcd ctl --endpoints {url} get /m"; COMP_WORDS=($COMP_LINE); '
        "COMP_POINT=${#COMP_LINE}; _learnetcd; printf '%s\\n' \"${COMPREPLY[@]}\""
    )
    ended = subprocess.run(
        ["bash", "-c", source], env=environment(), capture_output=True, text=True, check=True
    )
    assert ended.stdout == "/maps/\n/msg\n"


def test_who_has_no_cluster_completes_no_keys_and_waits_for_nobody():
    line = "learnetcd ctl --endpoints http://127.0.0.1:1 get /m"
    assert run("completion", "candidates", line) == (0, "", "")


def test_each_shell_has_its_script_and_others_a_sentence():
    for name, script in SCRIPTS.items():
        assert run("completion", name) == (0, script, "")
    assert run("completion", "tcsh") == (1, "", "Name your shell: bash, zsh, fish.\n")


# --- explanations -------------------------------------------------------------------------------


def explained(url, *words):
    ended = run("--endpoints", url, "--no-sync", "--explain", *words)
    return ended.code, ended.out, ended.err


def test_a_write_is_explained_from_the_servers_own_trace_up_to_what_watchers_were_told(url):
    code, out, err = explained(url, "set", "/told", "v", "--ttl", "100")
    assert (code, out) == (0, "v\n")
    first, *story = err.splitlines()
    assert first == f"1. {url} was asked: PUT /v2/keys/told."
    assert "put /told=v" in story[0]
    said = ["stored entry", "to its log on disk", "on disk for sure", "committed entry", "applies"]
    found = [next(place for place, line in enumerate(story) if word in line) for word in said]
    assert found == sorted(found)
    assert not any("became an entry of the Raft log" in line for line in story)
    assert any("/told was made at" in line for line in story)
    assert any("It expires at" in line for line in story)
    assert story[-1].endswith("Whoever watched /told, or a directory above it, was told: set.")


def test_what_somebody_wrote_into_a_key_does_nothing_to_a_terminal(url):
    err = explained(url, "set", "/told", "\x1b[2Jgone")[2]
    assert "/told=\\x1b[2Jgone" in err
    assert "\x1b" not in err


def test_a_server_that_tells_no_story_is_told_about_from_outside(url, monkeypatch):
    monkeypatch.setattr(explain, "ASKING", {})
    story = explained(url, "set", "/told", "v")[2].splitlines()[1:]
    assert "It leads, in term" in story[0]
    assert any("became an entry of the Raft log" in line for line in story)
    assert story[-1].endswith("was told: set.")


@pytest.mark.parametrize("header", ["{", "7", "[7]", '[{"sentence": "x"}]', "null"])
def test_a_story_that_makes_no_sense_is_none(header):
    answer = Answer(200, {"x-learnetcd-trace": header}, b"", endpoints.parse("http://127.0.0.1:1"))
    assert explain.own_story(answer) == []


def test_a_refusal_is_explained_after_it_was_said(url):
    code, out, err = explained(url, "mk", "/msg", "v")
    assert (code, out) == (4, "")
    assert err.startswith("Error:  105: Key already exists (/msg)")
    assert "Nobody was told." in err


def test_a_local_read_is_told_from_one_through_the_log(url):
    assert "answered alone" in explained(url, "get", "/msg")[2]
    assert "went through the Raft log" in explained(url, "get", "-q", "/msg")[2]


def test_a_change_of_users_is_not_explained_as_one_of_members(ours_alone):
    told = explained(ours_alone, "role", "add", "clerk")[2]
    assert "Users and roles are in the store, too" in told
    assert "who is a member" not in told
    assert "was refused (404), and nothing" in explained(ours_alone, "role", "get", "none")[2]


def test_who_has_a_password_says_it_with_each_question_that_an_explanation_needs(ours_alone):
    for line in ("user add root:secret", "auth enable"):
        assert run("--endpoints", ours_alone, *line.split()).code == 0
    root = ("--endpoints", ours_alone, "--no-sync", "--username", "root:secret", "--explain")
    ended = run(*root, "set", "/told", "v")
    assert (ended.code, ended.out) == (0, "v\n")
    assert "put /told=v" in ended.err
    assert ended.err.endswith("was told: set.\n")
    assert explain.ASKING == {"X-Learnetcd-Explain": "yes"}
    # In the shell, too, and nowhere else.
    ended = run(*root, "shell", stdin=b"get /told\n")
    assert (ended.code, ended.out) == (0, "v\n")
    assert "secret" not in ended.err


@pytest.fixture
def ours_alone(tmp_path):
    server = Process(OURS, tmp_path / "data").wait_until_ready()
    yield server.url
    server.end()
    shutil.rmtree(server.data)


def test_a_shell_that_explains_needs_no_password(url):
    ended = run("--endpoints", url, "--explain", "shell", stdin=b"get /msg\n")
    assert (ended.code, ended.out) == (0, "hello\n")
