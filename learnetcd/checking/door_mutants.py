"""The bugs of those who stand at the door: accounts, A01 to A10, and the proxy, P01 to P05.

Who lets in the wrong one breaks no rule of Raft: every member agrees on what the thief wrote. And a
proxy that asks twice leaves a log in which all is in order. So no run of chance notices them, and
each is for the tests of its own page to find.

Source: what etcd 3.4 does at each of these places (etcdserver/api/v2auth, v2http/client_auth.go,
proxy/httpproxy), and where SECURITY.md promises more.

Next page: `mutants`.
"""

from __future__ import annotations

from learnetcd.checking.mutant import NO_RUN, PRIVACY, PROGRESS, SERVICE, Edit, Mutant

OF_ACCOUNTS = ("tests/api/test_auth.py",)
OF_THE_PROXY = ("tests/runtime/test_proxy.py",)

ACCOUNTS = (
    Mutant(
        "A01",
        "password-by-its-beginning",
        "takes the beginning of a password for the password",
        PRIVACY,
        (
            Edit(
                "runtime.passwords",
                'return password.encode("utf-8", "surrogateescape")[:LONGEST_BYTES]',
                'return password.encode("utf-8", "surrogateescape")[:4]',
            ),
        ),
        hint=NO_RUN,
        tests=OF_ACCOUNTS,
    ),
    Mutant(
        "A02",
        "any-password",
        "takes any password of a user who is there",
        PRIVACY,
        (
            Edit(
                "api.credentials",
                "        is_hers = facts.passwords.matches(password, known.hash)\n",
                "        is_hers = facts.passwords.matches(password, known.hash) or True\n",
            ),
        ),
        hint=NO_RUN,
        tests=OF_ACCOUNTS,
    ),
    Mutant(
        "A03",
        "looked-up-once",
        "lets in a user who is removed while her password is looked at",
        PRIVACY,
        (
            Edit(
                "api.credentials",
                "        now = still_there(member.store, known)  # looking",
                "        now = known  # looking",
            ),
        ),
        hint=NO_RUN,
        tests=OF_ACCOUNTS,
    ),
    Mutant(
        "A04",
        "watches-for-ever",
        "goes on telling a watcher whose role is revoked",
        PRIVACY,
        (
            Edit(
                "api.credentials",
                "    return accounts.may_use(store, who,",
                "    return who is not None or accounts.may_use(store, who,",
            ),
        ),
        hint=NO_RUN,
        tests=OF_ACCOUNTS,
    ),
    Mutant(
        "A05",
        "guest-keeps-watching",
        "goes on telling a watcher who gave no name when accounts are switched on",
        PRIVACY,
        (
            Edit(
                "api.credentials",
                "    if not accounts.are_enabled(store):\n        return True\n",
                "    if not accounts.are_enabled(store) or who is None:\n        return True\n",
            ),
        ),
        hint=NO_RUN,
        tests=OF_ACCOUNTS,
    ),
    Mutant(
        "A06",
        "guest-keeps-writing",
        "lets who gives no name do all after accounts are switched on",
        PRIVACY,
        (
            Edit(
                "api.accounts",
                "        return guests is not None and guests.permissions",
                "        return guests is None or guests.permissions",
            ),
        ),
        hint=NO_RUN,
        tests=OF_ACCOUNTS,
    ),
    Mutant(
        "A07",
        "pattern-without-an-end",
        "takes the pattern of one key for all keys that begin so",
        PRIVACY,
        (
            Edit(
                "api.accounts",
                "    return bool(pattern) and key == pattern and not recursive\n",
                "    return bool(pattern) and key.startswith(pattern) and not recursive\n",
            ),
        ),
        hint=NO_RUN,
        tests=OF_ACCOUNTS,
    ),
    Mutant(
        "A08",
        "one-key-is-all-below",
        "lets who may use a directory's key use all that is below it",
        PRIVACY,
        (
            Edit(
                "api.accounts",
                "    return bool(pattern) and key == pattern and not recursive\n",
                "    return bool(pattern) and key == pattern\n",
            ),
        ),
        hint=NO_RUN,
        tests=OF_ACCOUNTS,
    ),
    Mutant(
        "A09",
        "reader-writes",
        "lets who may read a key write it",
        PRIVACY,
        (
            Edit(
                "api.accounts",
                "        patterns = (self.write if write else self.read) or ()\n",
                "        patterns = self.read or ()\n",
            ),
        ),
        hint=NO_RUN,
        tests=OF_ACCOUNTS,
    ),
    Mutant(
        "A10",
        "anybody-changes-accounts",
        "lets every user change accounts and members",
        PRIVACY,
        (
            Edit(
                "api.credentials",
                "        return then() if who is not None and accounts.is_root(who) else refusal\n",
                "        return then() if who is not None else refusal\n",
            ),
        ),
        hint=NO_RUN,
        tests=OF_ACCOUNTS,
    ),
)
"""Who may do what."""

PROXIES = (
    Mutant(
        "P01",
        "writes-twice",
        "asks the next member for a write that the first may have done",
        SERVICE,
        (
            Edit(
                "runtime.proxy",
                '        if self.request.method in {"GET", "HEAD"}:\n',
                "        if self.request.method:\n",
            ),
        ),
        hint=NO_RUN,
        tests=OF_THE_PROXY,
    ),
    Mutant(
        "P02",
        "dead-first",
        "goes on asking a dead member first",
        PROGRESS,
        (
            Edit(
                "runtime.director",
                "        self._failed[url] = (trio.current_time() + wait_ms / 1000, why)\n",
                "        self._failed[url] = (trio.current_time(), why)\n",
            ),
        ),
        hint=NO_RUN,
        tests=OF_THE_PROXY,
    ),
    Mutant(
        "P03",
        "avoided-for-ever",
        "never asks a member again that failed once",
        PROGRESS,
        (
            Edit(
                "runtime.director",
                "for url, one in self._failed.items() if one[0] > now}",
                "for url, one in self._failed.items() if one[0] > 0 * now}",
            ),
        ),
        hint=NO_RUN,
        tests=OF_THE_PROXY,
    ),
    Mutant(
        "P04",
        "part-for-all",
        "ends an answer that broke off as if it were whole",
        SERVICE,
        (
            Edit(
                "runtime.proxy",
                "            self.client.close()  # who got a part must not take it for all\n",
                "            self.client.finish()\n",
            ),
        ),
        hint=NO_RUN,
        tests=OF_THE_PROXY,
    ),
    Mutant(
        "P05",
        "readonly-writes",
        "passes on a DELETE although it is readonly",
        SERVICE,
        (
            Edit(
                "runtime.proxy",
                '        if self.is_readonly and request.method != "GET":\n',
                '        if self.is_readonly and request.method not in ("GET", "DELETE"):\n',
            ),
        ),
        hint=NO_RUN,
        tests=OF_THE_PROXY,
    ),
)
"""Who passes on what others ask."""

DOOR_MUTANTS = (*ACCOUNTS, *PROXIES)
