"""Command lines about users and roles, beyond those recorded; tests/oracle plays them, too.

Those with `stdin` are for ours alone: without a terminal, etcdctl prints what `stty` says about it.
"""

from typing import Any


def step(line: str, exit_code: int = 0, stdout: str = "", stderr: str = "") -> dict[str, Any]:
    expected = {"exit": exit_code, "stdout": stdout, "stderr": stderr}
    return {"op": "run", "args": line.split(), "expect": expected}


def refused(line: str, stderr: str) -> dict[str, Any]:
    return step(line, 1, "", f"{stderr}\n")


def typed(line: str, stdin: str, stdout: str) -> dict[str, Any]:
    return {**step(line, stdout=stdout), "stdin": stdin}


CASE = {
    "name": "accounts",
    "steps": [
        refused("user add", "Please provide a username"),
        refused("user add a b", "Please provide a username"),
        refused("user list x", "No arguments accepted"),
        step("user add kim:pw", stdout="User kim created\n"),
        step("user get kim", stdout="User: kim\nRoles: \n"),
        refused("user grant kim", "No roles specified; please use `--roles`"),
        refused("user grant --roles x nobody", "auth: User nobody does not exist."),
        step("user grant kim --roles r1,r2", stdout="User kim updated\n"),
        refused("user get kim", "auth: Role r1,r2 does not exist."),
        step("user revoke --roles r1,r2 kim", stdout="User kim updated\n"),
        refused("user revoke --roles r9 kim", "auth: Revoking ungranted role r9 for user kim"),
        refused("role add", "Please provide a role name"),
        step("role add clerk", stdout="Role clerk created\n"),
        refused("role add clerk", "Role clerk already exists"),
        step("role get clerk", stdout="Role: clerk\nKV Read:\nKV Write:\n"),
        refused("role grant clerk", "No path specified; please use `--path`"),
        refused(
            "role grant clerk --path /a",
            "Please specify exactly one of --read, --write or --readwrite",
        ),
        refused("role grant clerk --path x --read", "Not canonical path; please use `--path=/x`"),
        step("role grant clerk --path /a --read", stdout="Role clerk updated\n"),
        step("role grant clerk --path /b/* --rw", stdout="Role clerk updated\n"),
        refused("role grant clerk --path /a --read", "auth: Granting duplicate read permission /a"),
        step(
            "role get clerk",
            stdout="Role: clerk\nKV Read:\n\t/a\n\t/b/*\nKV Write:\n\t/b/*\n",
        ),
        step("role revoke clerk --path /a --read", stdout="Role clerk updated\n"),
        refused("role grant nobody --path /x --read", "auth: Role nobody does not exist."),
        refused("role remove root", "auth: Cannot modify role root: is root role."),
        step("user grant kim --roles clerk", stdout="User kim updated\n"),
        step("user get kim", stdout="User: kim\nRoles:  clerk\n"),
        step("user add root:rootpw", stdout="User root created\n"),
        refused("auth enable x", "No arguments accepted"),
        step("auth enable", stdout="Authentication Enabled\n"),
        step("-u root:rootpw role revoke guest --path /* --rw", stdout="Role guest updated\n"),
        step("-u kim:pw set /b/x 1", stdout="1\n"),
        step("-u kim:pw ls /b/", stdout="/b/x\n"),
        step(
            "get /b/x",
            4,
            stderr="Error:  110: The request requires user authentication"
            " (Insufficient credentials) [0]\n",
        ),
        refused("-u kim:pw user list", "Insufficient credentials"),
        refused(
            "-u kim:pw member remove 1", "Couldn't find a member in the cluster with an ID of 1."
        ),
        {
            "op": "run",
            "args": ["get", "/b/x"],
            "env": {"ETCDCTL_USERNAME": "kim:pw"},
            "expect": {"exit": 0, "stdout": "1\n", "stderr": ""},
        },
        typed("-u kim get /b/x", "pw\n", "Password: \n1\n"),
        typed(
            "-u root user passwd kim",
            "rootpw\nother\n",
            "Password: \nNew password: \nPassword updated\n",
        ),
        typed("-u root:rootpw user add zoe", "zoepw", "New password: \nUser zoe created\n"),
        step("-u root:rootpw auth disable", stdout="Authentication Disabled\n"),
        step("user remove kim", stdout="User kim removed\n"),
        refused("user remove kim", "auth: User kim does not exist"),
        step("role remove clerk", stdout="Role clerk removed\n"),
        refused("role remove clerk", "auth: Role clerk doesn't exist."),
    ],
}
