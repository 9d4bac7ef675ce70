"""Patching: how a mutant gets into a program without any file being changed.

    python -m learnetcd.checking.child B03 ...
        patch(mutant)                 before anything of learnetcd.raft is imported
        import learnetcd.raft.rules   the finder below is asked first
            its source is read, `old` becomes `new`, and *that* is compiled

Python asks the finders of `sys.meta_path`, one after the other, who can import a module. Ours goes
first, answers for the modules that a mutant changes, and leaves all others alone. The compiled
result is kept nowhere, so no later program can stumble over it.

Only a process of its own is ever patched: a module that was imported before would stay sound, and
its parts live on in other modules (`from ... import majority`).

Source: the Python reference, "The import system".

Next page: `plans`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType

from learnetcd.checking.mutant import Mutant


class PatchingLoader(SourceFileLoader):
    """Reads a module's source and puts the bug in."""

    def __init__(self, fullname: str, path: str, mutant: Mutant) -> None:
        """Load `fullname` from `path`, with what the mutant changes there."""
        super().__init__(fullname, path)
        self._mutant = mutant

    def get_code(self, fullname: str) -> CodeType:
        """Compile the changed source; what was compiled before, without the bug, is not used."""
        source = self.get_data(self.path).decode("utf-8")
        for edit in self._mutant.edits:
            if fullname == f"learnetcd.{edit.module}":
                source = edit.apply(source)
        code: CodeType = compile(source, self.path, "exec", dont_inherit=True)
        return code


class PatchingFinder:
    """Answers for the modules that a mutant changes."""

    def __init__(self, mutant: Mutant) -> None:
        """Stand in front of the finders that know where modules are."""
        self._mutant = mutant

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find the module as usual, but have it loaded by our loader."""
        if fullname not in self._mutant.modules:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        assert spec is not None, f"there is no {fullname}"
        assert spec.origin is not None, f"{fullname} has no source"
        spec.loader = PatchingLoader(fullname, spec.origin, self._mutant)
        return spec


def patch(mutant: Mutant) -> None:
    """Let this process import the broken modules from now on."""
    too_late = sorted(mutant.modules & sys.modules.keys())
    assert not too_late, f"{too_late} are imported already: patch a fresh process"
    sys.meta_path.insert(0, PatchingFinder(mutant))
