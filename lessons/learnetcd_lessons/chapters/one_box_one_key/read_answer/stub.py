"""What is in an answer of etcd's v2 API, by me."""


def read_answer(body: bytes) -> tuple[str, str, str | None, int, int]:
    """Give action, key, value, created index and modified index; KeyError if there is no key."""
    raise NotImplementedError
