"""The sources of settings: the command line, the environment, a file; and which of them wins.

    etcd --name infra0              the flag
    ETCD_NAME=infra0 etcd           the variable, where there is no such flag
    etcd --config-file etcd.yml     the file alone: no other flag and no variable counts

A flag together with its variable is refused, for one of the two would be lost. Each source becomes
one `Given` for each flag that it speaks of: the value, and where it was found, so that a complaint
can point to the place. A bad flag is wrong usage (exit code 2), a bad variable or file is not (1).

The packages of CentOS and Debian keep variables in a file that systemd reads for etcd:

    [Member]
    ETCD_NAME="etcd-0-8"        # systemd would take this remark for a part of the name
    #ETCD_MAX_WALS="5"

`--environment-file` reads the same file where there is no systemd.

Differs: etcd says nothing of a line in its configuration file that it does not know; we warn. An
empty variable is one that is not set, and we do not warn of it. Remarks behind a value are allowed.

Source: etcd 3.4 etcdmain/config.go, pkg/flags/flag.go; Go's package flag; systemd.exec(5).
Next page: `configuration`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from learnetcd.errors import UserError, did_you_mean
from learnetcd.runtime.flags import FLAG_OF_NAME, FLAGS, Flag
from learnetcd.runtime.values import BadValue, Kind


class WrongUsage(UserError):
    """The command line itself makes no sense."""


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody said about one flag."""

    flag: Flag
    """Which one."""
    origin: str
    """Where it was found: `--max-wals`, `ETCD_MAX_WALS`, or a line of a file."""
    value: object
    """What it says."""


def gather(
    words: Sequence[str], environ: Mapping[str, str], read_file: Callable[[str], str]
) -> tuple[list[Given], list[str]]:
    """All that was given, from the sources that count; and warnings."""
    typed = from_command_line(words)
    config_file = told(typed, "config-file") or environ.get("ETCD_CONFIG_FILE", "")
    if config_file:
        given, warnings = from_config_file(config_file, read_text_file(config_file, read_file))
        return given, [*warnings, *warning_of_ignored(config_file, typed, environ)]
    environment_file = told(typed, "environment-file")
    if environment_file:
        text = read_text_file(environment_file, read_file)
        # The environment proper wins: somebody set it for this one start.
        environ = {**from_environment_file(environment_file, text), **environ}
    from_variables, warnings = from_environment(environ, typed)
    given = [*typed.values(), *from_variables]
    refuse_unadvertised(given)
    return given, warnings


def refuse_unadvertised(given: Sequence[Given]) -> None:
    """What would be advertised by default is wrong then. As in etcd, a file may leave it out."""
    names = {found.flag.name for found in given}
    is_proxy = any(found.flag.name == "proxy" and found.value != "off" for found in given)
    if is_proxy:
        return  # nobody is told where a proxy is
    if "listen-client-urls" in names and "advertise-client-urls" not in names:
        raise UserError(
            "--advertise-client-urls is required when --listen-client-urls is set: "
            "clients must be told an address that they can reach."
        )


def warning_of_ignored(
    config_file: str, typed: Mapping[str, Given], environ: Mapping[str, str]
) -> list[str]:
    """What a configuration file makes void."""
    ignored = {f"--{name}" for name in typed} | {name for name in environ if name[:5] == "ETCD_"}
    ignored -= {"--config-file", "ETCD_CONFIG_FILE"}
    return [f"{config_file} counts alone: ignored {', '.join(sorted(ignored))}."] if ignored else []


def told(typed: Mapping[str, Given], name: str) -> str:
    """The path after a flag, or nothing."""
    return str(typed[name].value) if name in typed else ""


def read_text_file(path: str, read_file: Callable[[str], str]) -> str:
    """The text of a file, or a sentence why not."""
    try:
        return read_file(path)
    except OSError as error:
        raise UserError(f"{path} can't be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is no text: byte {error.start} is no UTF-8.") from error


# --- the command line ---------------------------------------------------------------------------


def from_command_line(words: Sequence[str]) -> dict[str, Given]:
    """Flags as Go reads them: one dash or two, the value after `=` or in the next word."""
    given: dict[str, Given] = {}
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word == "--" and not rest:
            break
        flag, value = split_word(word)
        if value is None and flag.kind.is_switch:
            value = "true"
        elif value is None and rest:
            value = rest.pop(0)
        elif value is None:
            raise WrongUsage(f"--{flag.name} needs a value: --{flag.name}={flag.kind.placeholder}")
        given[flag.name] = Given(flag, f"--{flag.name}", read_word(flag, value))
    return given


def split_word(word: str) -> tuple[Flag, str | None]:
    """`--max-wals=5` in two; None if no value is in the word itself."""
    found = re.fullmatch("--?([^-=][^=]*)(?:=(.*))?", word, re.DOTALL)
    if found is None and word.startswith("-") and word not in {"-", "--"}:
        raise WrongUsage(f"{word!r} is no flag: one looks like --name=VALUE.")
    if found is None:
        raise UserError(f"{word!r} is not a valid flag: all settings of a server are flags.")
    if found[1] not in FLAG_OF_NAME:
        hint = did_you_mean(f"--{found[1]}", [f"--{name}" for name in FLAG_OF_NAME])
        raise WrongUsage(f"There is no flag --{found[1]}. {hint}".strip())
    return FLAG_OF_NAME[found[1]], found[2]


def read_word(flag: Flag, text: str) -> object:
    """The value of a flag; it is wrong usage if it has none."""
    try:
        return flag.kind.read(text)
    except BadValue as error:
        raise WrongUsage(f"--{flag.name}={text}: {error}.") from error


# --- the environment ----------------------------------------------------------------------------


def from_environment(
    environ: Mapping[str, str], typed: Mapping[str, Given]
) -> tuple[list[Given], list[str]]:
    """The variables of flags that were not typed; and a warning for each that is no flag's."""
    flag_of_variable = {flag.variable: flag for flag in FLAGS}
    given, warnings = [], []
    for variable, text in sorted(environ.items()):
        flag = flag_of_variable.get(variable)
        if flag is None:
            if variable.startswith("ETCD_"):
                hint = did_you_mean(variable, flag_of_variable)
                warnings.append(f"There is no setting {variable}: it is ignored. {hint}".strip())
        elif flag.name in typed:
            raise UserError(
                f"{variable} is set, and --{flag.name} is given: which one counts? "
                f"Unset the variable, or leave the flag out."
            )
        elif text:
            given.append(Given(flag, variable, read_elsewhere(flag.kind, variable, text)))
    return given, warnings


def read_elsewhere(kind: Kind, origin: str, text: str) -> object:
    """A value that does not stand on the command line."""
    try:
        return kind.read(text)
    except BadValue as error:
        raise UserError(f"{origin}={text}: {error}.") from error


ENVIRONMENT_LINE = re.compile(
    r"""\s* (\w+) \s*=\s* (?: "([^"]*)" | '([^']*)' | ((?!["']).*?) ) (?: \s+\#.* )? \s*""",
    re.VERBOSE,
)
NO_SETTING = re.compile(r"\s*([#;].*|\[.*\]\s*)?")
"""Empty lines, remarks, and the headings that make such a file easier to read."""


def from_environment_file(path: str, text: str) -> dict[str, str]:
    """The variables that systemd would set; no substitution, no continued lines."""
    variables: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if found := ENVIRONMENT_LINE.fullmatch(line):
            variables[found[1]] = found[2] or found[3] or found[4] or ""
        elif not NO_SETTING.fullmatch(line):
            raise UserError(f"{path}, line {number}: NAME=VALUE is expected, not {line.strip()!r}.")
    return variables


# --- etcd's configuration file ------------------------------------------------------------------

SECTIONS = {
    "client-transport-security": {
        "cert-file": "cert-file",
        "key-file": "key-file",
        "client-cert-auth": "client-cert-auth",
        "trusted-ca-file": "trusted-ca-file",
        "auto-tls": "auto-tls",
    },
    "peer-transport-security": {
        "cert-file": "peer-cert-file",
        "key-file": "peer-key-file",
        "client-cert-auth": "peer-client-cert-auth",
        "trusted-ca-file": "peer-trusted-ca-file",
        "auto-tls": "peer-auto-tls",
        "allowed-cn": "peer-cert-allowed-cn",
        "allowed-hostname": "peer-cert-allowed-hostname",
    },
}
"""The two parts of the file whose lines are not called as the flags are."""


def from_config_file(path: str, text: str) -> tuple[list[Given], list[str]]:
    """All that etcd's YAML says; and a warning for each line that is no flag's."""
    given, warnings = [], []
    for name, flag_name, value in lines_of(path, text):
        flag = FLAG_OF_NAME.get(flag_name)
        if flag is None:
            hint = did_you_mean(name, FLAG_OF_NAME)
            warnings.append(f"{path} sets {name!r}, which is no setting: ignored. {hint}".strip())
        elif value is not None and value != "":
            given.append(Given(flag, f"{name} in {path}", read_yaml(path, name, flag, value)))
    return given, warnings


def lines_of(path: str, text: str) -> list[tuple[str, str, object]]:
    """What the file calls it, what the flag is called, and the value."""
    lines: list[tuple[str, str, object]] = []
    for name, value in load_yaml(path, text).items():
        if name in SECTIONS and isinstance(value, dict):
            for inner, inner_value in value.items():
                flag_name = SECTIONS[name].get(inner, "")
                lines.append((f"{name}: {inner}", flag_name, inner_value))
        elif name not in SECTIONS:
            lines.append((str(name), str(name), value))
    return lines


def load_yaml(path: str, text: str) -> dict[object, object]:
    """The file as a dictionary, or a sentence why it is none."""
    import yaml  # few have such a file, and all others would wait for it

    try:
        loaded = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path}, line {mark.line + 1}" if mark else path
        reason = getattr(error, "problem", None) or "it can't be read"
        raise UserError(f"{place}: this is no YAML: {reason}.") from error
    if isinstance(loaded, dict):
        return loaded
    if loaded is None:
        return {}
    hint = " Is it a file of variables? Those are read by --environment-file."
    raise UserError(f"{path}: 'NAME: VALUE' lines are expected.{hint if 'ETCD_' in text else ''}")


def read_yaml(path: str, name: str, flag: Flag, value: object) -> object:
    """A value of the file. As in etcd, a number is no text and a text is no number."""
    if type(value) is not flag.kind.in_yaml:
        wanted = {bool: "true or false", int: "a number", list: "a list", str: "a text"}
        raise UserError(
            f"{name} in {path}: {wanted[flag.kind.in_yaml]} is expected, not {value!r}."
        )
    text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
    text = text.lower() if isinstance(value, bool) else text
    return read_elsewhere(flag.kind, f"{name} in {path}", text)
