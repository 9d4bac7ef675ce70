"""Passwords: hashed by bcrypt, as etcd keeps them in the store that all members share.

    $2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy
     |  |  |                     |
     |  |  22 signs of salt      31 signs of hash
     |  cost: 2^10 rounds
     version

The salt is another one for each password, so that a table made beforehand is of no use. The rounds
cost some 50 ms: nothing for who logs in, a lot for who tries all words of a dictionary.

bcrypt looks at the first 72 bytes of a password, and etcd cuts the rest off in silence. So do we:
who was given a longer one by etcd must get in here.

Source: N. Provos, D. Mazières: A Future-Adaptable Password Scheme (1999); etcd 3.4
etcdserver/api/v2auth/auth.go, passwordStore.

Next page: `http_reader`.
"""

from __future__ import annotations

from dataclasses import dataclass

import bcrypt

from learnetcd.runtime import journal

LONGEST_BYTES = 72


@dataclass(frozen=True, slots=True)
class Bcrypt:
    """Makes hashes, and looks whether a password is the one of a hash."""

    cost: int = 10
    """Each more takes twice as long (golang.org/x/crypto/bcrypt, DefaultCost)."""

    def hashed(self, password: str) -> str:
        """A hash with a salt of its own."""
        return bcrypt.hashpw(in_bytes(password), bcrypt.gensalt(self.cost, b"2a")).decode()

    def matches(self, password: str, kept: str) -> bool:
        """Whether this is the password of that hash."""
        try:
            return bcrypt.checkpw(in_bytes(password), kept.encode())
        except ValueError:
            journal.warn("what is kept of a password is no hash that bcrypt has made")
            return False


def in_bytes(password: str) -> bytes:
    """The part of a password that counts."""
    return password.encode("utf-8", "surrogateescape")[:LONGEST_BYTES]
