"""Every command line of chapter 5 of the article, in its order, with what 3.4.23 really answers.

`before` are steps of ours: what the article's author had done, and does not show. Where the article
prints something else, a comment says what. Two of its lines can't be played yet: those with
ETCDCTL_API=3, whose `snapshot save` speaks the v3 API.
"""

from typing import Any

Step = dict[str, Any]

NOT_FOUND = "Error:  100: Key not found ({}) [@{}]\n"
EXISTS = "Error:  105: Key already exists ({}) [@{}]\n"


def run(*args: str, out: str = "", err: str = "", code: int = 0, **how: Any) -> Step:
    return {
        "op": "run",
        "args": list(args),
        "expect": {"exit": code, "stdout": out, "stderr": err},
        **how,
    }


def before(*args: str) -> Step:
    return {"op": "run", "args": list(args), "quiet": True}


def start(name: str, *args: str) -> Step:
    return {"op": "start", "id": name, "args": list(args)}


def finish(name: str, out: str, **how: Any) -> Step:
    expected = {"exit": 0, "stdout": out, "stderr": ""}
    return {"op": "finish", "id": name, "expect": expected, **how}


LINES = [
    # 5.1
    run("set", "/testdir/testkey", "Hello world", out="Hello world\n"),
    before("rm", "/testdir/testkey"),
    run("mk", "/testdir/testkey", "Hello world", out="Hello world\n"),
    run(
        *("mk", "/testdir/testkey", "Hello world"),
        err=EXISTS.format("/testdir/testkey", "+3"),
        code=4,
    ),
    run("mkdir", "testdir2"),
    run("mkdir", "testdir2", err=EXISTS.format("/testdir2", "+4"), code=4),
    run("setdir", "testdir3"),
    # 5.2
    before("set", "/testdir/testkey", "Hello"),
    run("rm", "/testdir/testkey", out="PrevNode.Value: Hello\n"),
    run("rm", "/testdir/testkey", err=NOT_FOUND.format("/testdir/testkey", "+7"), code=4),
    run("setdir", "dir1"),
    run("rmdir", "dir1"),
    run("set", "/dir/testkey", "hi", out="hi\n"),
    run("rmdir", "/dir", err="Error:  108: Directory not empty (/dir) [@+10]\n", code=4),
    # 5.3
    before("set", "/testdir/testkey", "x"),
    run("update", "/testdir/testkey", "Hello", out="Hello\n"),
    run(
        *("update", "/testdir/testkey2", "Hello"),
        err=NOT_FOUND.format("/testdir/testkey2", "+12"),
        code=4,
    ),
    run("updatedir", "testdir2"),
    # 5.4
    before("set", "/testdir/testkey", "Hello world"),
    run("get", "/testdir/testkey", out="Hello world\n"),
    run("get", "/testdir/testkey2", err=NOT_FOUND.format("/testdir/testkey2", "+14"), code=4),
    run("ls", out="/dir\n/testdir\n/testdir2\n/testdir3\n", sort_lines=True),
    run("ls", "dir", out="/dir/testkey\n"),
    # 5.5. A watch waits for the next change: in the article's order, after the set, it would hang.
    run("get", "/testdir/testkey", out="Hello world\n"),
    start("w", "watch", "testdir/testkey"),
    run("set", "/testdir/testkey", "Hello watch", out="Hello watch\n"),
    finish("w", "Hello watch\n"),
    # The article lists a folder. Without a flag in front, 3.4.23 watches /ls and never runs `ls`.
    start("x", "exec-watch", "testdir/testkey", "--", "sh", "-c", "ls"),
    before("set", "/testdir/testkey", "again"),
    finish("x", "", signal="INT", timeout=1),
    # 5.6
    run(
        *("backup", "--data-dir", "$(DATA)", "--backup-dir", "$(TMP)/etcd_backup"),
        err="<time> I | ignoring EntryConfChange raft entry\n"
        "<time> I | ignoring member attribute update on /0/members/<id>/attributes\n",
    ),
    # 5.7
    run(
        *("member", "list"),
        out="<id>: name=n1 peerURLs=http://<peer1> clientURLs=http://<client1> isLeader=true\n",
    ),
    {"op": "saveid", "peer": "$(peer1)", "name": "only"},
    # The article removes the only member. It is refused: there would be no cluster any more.
    run(
        *("member", "remove", "$(only)"),
        err="Received an error trying to remove member <id>: "
        "client: etcd cluster is unavailable or misconfigured; error <detail>\n",
        code=1,
    ),
    # The last line: the new member counts from now on, and until it starts nothing is committed.
    run(
        *("member", "add", "etcd3", "http://192.168.1.100:2380"),
        out="Added member named etcd3 with ID <id> to cluster\n\n"
        'ETCD_NAME="etcd3"\n'
        'ETCD_INITIAL_CLUSTER="etcd3=http://192.168.1.100:2380,n1=http://<peer1>"\n'
        'ETCD_INITIAL_CLUSTER_STATE="existing"\n',
    ),
]
"""5.1 to 5.7."""

OPTIONS = {
    "set": ("--ttl", "--swap-with-value", "--swap-with-index"),
    "mk": ("--ttl",),
    "mkdir": ("--ttl",),
    "setdir": ("--ttl",),
    "rm": ("--dir", "--recursive", "--with-value", "--with-index"),
    "update": ("--ttl",),
    "updatedir": ("--ttl",),
    "get": ("--sort",),  # and --consistent, which 3.4.23 does not have
    "ls": ("--sort", "--recursive", "-p"),
    "watch": ("--forever", "--after-index", "--recursive"),
    "exec-watch": ("--after-index", "--recursive"),
    "backup": ("--data-dir", "--backup-dir"),
}
"""What the article says that each verb supports."""

SESSION = [
    run("set", "/msg", "hello k8s", out="hello k8s\n"),
    run("get", "/msg", out="hello k8s\n"),
    # The article has no empty line before the value.
    run(
        *("-o", "extended", "get", "/msg"),
        out="Key: /msg\nCreated-Index: @+1\nModified-Index: @+1\nTTL: 0\nIndex: @+1\n\nhello k8s\n",
    ),
    run("get", "/xxzx", err=NOT_FOUND.format("/xxzx", "+1"), code=4),
    run("set", "/testkey", "tmp key test", "--ttl", "5", out="tmp key test\n"),
    {"op": "sleep", "seconds": 6.5},
    run("get", "/testkey", err=NOT_FOUND.format("/testkey", "+3"), code=4),
    run("get", "/msg", out="hello k8s\n"),
    run("set", "--swap-with-value", "hello k8s", "/msg", "goodbye", out="goodbye\n"),
    run("get", "/msg", out="goodbye\n"),
    run("get", "/msg", out="goodbye\n"),
    run("mk", "/msg", "mktest", err=EXISTS.format("/msg", "+4"), code=4),
    run("mk", "/msg1", "mktest", out="mktest\n"),
    run("mk", "--in-order", "/queue", "s1", out="s1\n"),
    run("mk", "--in-order", "/queue", "s2", out="s2\n"),
    run("ls", "--sort", "/queue", out="/queue/{@+6}\n/queue/{@+7}\n"),
    run("get", "/queue/$(seq6)", out="s1\n"),
    run("update", "/msg1", "update test", out="update test\n"),
    run("get", "/msg1", out="update test\n"),
    run("update", "--ttl", "5", "/msg", "aaa", out="aaa\n"),
    run("mkdir", "/testdir"),
    run("mkdir", "/test1"),
    run("rmdir", "/test1"),
    run("get", "/testdir", err="/testdir: is a directory\n", code=1),
    run("rm", "--recursive", "/testdir"),
    before("rm", "/msg"),
    before("set", "/tmp/a", "1"),
    before("set", "/tmp/b", "1"),
    run("ls", "/", out="/msg1\n/queue\n/tmp\n", sort_lines=True),
    run("ls", "/tmp", out="/tmp/a\n/tmp/b\n", sort_lines=True),
    run(
        *("ls", "--recursive", "/"),
        out="/msg1\n/queue\n/queue/{@+6}\n/queue/{@+7}\n/tmp\n/tmp/a\n/tmp/b\n",
        sort_lines=True,
    ),
    start("w", "watch", "/msg1"),
    run("update", "/msg1", "xxx", out="xxx\n"),
    finish("w", "xxx\n"),
    start("x", "watch", "--recursive", "/"),
    run("update", "/msg1", "xxx", out="xxx\n"),
    finish("x", "[update] /msg1\nxxx\n"),
    # Without --recursive a directory is watched, and nothing of what is in it.
    start("y", "watch", "--forever", "/"),
    before("update", "/msg1", "yyy"),
    finish("y", "", signal="INT", timeout=1),
    start("z", "exec-watch", "--recursive", "/", "--", "sh", "-c", "echo change"),
    before("update", "/msg1", "zzz"),
    finish("z", "change\n", signal="INT", lines=1),
    run(
        *("backup", "--data-dir", "$(DATA)", "--backup-dir", "$(TMP)/etcd_backup"),
        err="<time> I | ignoring EntryConfChange raft entry\n"
        "<time> I | ignoring member attribute update on /0/members/<id>/attributes\n",
    ),
]
"""The session at its end."""
