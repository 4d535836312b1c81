"""git-ccsync carries Claude Code sessions between machines through a project's own git repository.

The names below are the Python interface, described in `git_ccsync.operations.interface`; they are loaded at first use.
All other names, in here and in the modules, may change at any time.
"""

__version__ = "0.1.0"

__all__ = [
    "CarriedSession",
    "CcsyncError",
    "PullResult",
    "PushResult",
    "Session",
    "StatusResult",
    "SyncResult",
    "Workspace",
    "__version__",
    "open_workspace",
    "pull",
    "push",
    "read_ccsync",
    "sessions",
    "status",
    "sync",
    "to_local",
    "to_portable",
    "write_ccsync",
]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from git_ccsync.operations.interface import (
        CarriedSession,
        CcsyncError,
        PullResult,
        PushResult,
        Session,
        StatusResult,
        SyncResult,
        Workspace,
        open_workspace,
        pull,
        push,
        read_ccsync,
        sessions,
        status,
        sync,
        to_local,
        to_portable,
        write_ccsync,
    )
else:

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
        from git_ccsync.operations import interface

        found = getattr(interface, name)
        globals()[name] = found
        return found

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
