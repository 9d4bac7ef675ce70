"""What differs from run to run, put the same way in what was recorded and in what is seen now.

X-Etcd-Index: 12, and 9 at the start of the case         @+3
/queue/00000000000000000012                              /queue/{@+3}
http://127.0.0.1:40123                                   http://<client1>
8e9e05c52164694d                                         <id>
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

IN_ORDER_NAME = re.compile(r"(?<!\d)\d{20}(?!\d)")
MEMBER_ID = re.compile(r"(?<![\w.])[0-9a-f]{14,16}(?!\w)")

# A number in a sentence is an index if it is near those that the case can have reached.
BEFORE, AFTER = 5000, 20000


@dataclass(frozen=True)
class Normaliser:
    """What one case is compared with."""

    base: int
    """The etcd index at the start of the case."""
    addresses: Mapping[str, str] = field(default_factory=dict)
    """`127.0.0.1:40123` -> `<client1>`"""
    ignore_indexes: bool = False
    """Whether any index will do."""

    def index(self, number: int) -> str:
        """An index, relative to the start; 0 is none."""
        if number == 0:
            return "0"
        return "@" if self.ignore_indexes else f"@{number - self.base:+d}"

    def indexes_in(self, text: str) -> str:
        """The numbers of a text that can be indexes of this case."""

        def if_near(number: int) -> str:
            near = self.base - BEFORE <= number <= self.base + AFTER
            return self.index(number) if near else str(number)

        return replaced(r"\d+", if_near, text)

    def in_order_names(self, text: str) -> str:
        return replaced(IN_ORDER_NAME.pattern, lambda number: f"{{{self.index(number)}}}", text)

    def addresses_in(self, text: str) -> str:
        # The longest first: 127.0.0.1:4001 begins as 127.0.0.1:40012 does.
        for address in sorted(self.addresses, key=len, reverse=True):
            text = text.replace(address, self.addresses[address])
        return text


def replaced(pattern: str, name: Callable[[int], str], text: str) -> str:
    return re.sub(pattern, lambda match: name(int(match[0])), text)


def member_ids(text: str) -> str:
    return MEMBER_ID.sub("<id>", text)


def named_addresses(
    clients: Iterable[str], peers: Iterable[str], spares: Iterable[int] = ()
) -> dict[str, str]:
    """The addresses of a cluster, and those at which nobody listens, by what they are called."""
    names = {bare(url): f"<client{number}>" for number, url in enumerate(clients, 1)}
    names |= {bare(url): f"<peer{number}>" for number, url in enumerate(peers, 1)}
    for number, port in enumerate(spares, 1):
        names[f"127.0.0.1:{port}"] = "<spare>" if number == 1 else f"<spare{number}>"
    return names


def bare(url: str) -> str:
    return url.partition("://")[2]
