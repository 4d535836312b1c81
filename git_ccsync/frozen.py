"""Frozen: immutable named values that cost nothing to import.

`typing.NamedTuple` and `dataclasses` cost 7 and 12 ms of a start that must stay under 20 (see tests/bench), so at
run time a small stand-in makes the same tuple subclasses; type checkers see the real NamedTuple. What both share is
all that may be used: positional and keyword construction, defaults, equality, `_replace`, `_asdict`.
"""

from __future__ import annotations

__all__ = ["TYPE_CHECKING", "Frozen"]

TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import NamedTuple as Frozen
else:
    try:
        from _collections import _tuplegetter as _getter
    except ImportError:  # another Python than CPython
        from _operator import itemgetter

        def _getter(position: int, doc: str) -> property:
            return property(itemgetter(position), doc=doc)

    class _Meta(type):
        def __new__(cls, name, bases, namespace):
            fields = tuple(namespace.get("__annotations__", ()))
            defaults = {field: namespace.pop(field) for field in fields if field in namespace}
            namespace["__slots__"] = ()
            namespace["_fields"] = fields
            namespace["_defaults"] = defaults
            for position, field in enumerate(fields):
                namespace[field] = _getter(position, "")
            return super().__new__(cls, name, bases or (tuple,), namespace)

    class Frozen(tuple, metaclass=_Meta):
        """An immutable value with named fields; subclass it with annotations only."""

        def __new__(cls, *values, **named):
            fields = cls._fields
            if len(values) != len(fields):
                defaults = cls._defaults
                given = len(values)
                try:
                    values += tuple(named.pop(field) if field in named else defaults[field] for field in fields[given:])
                except KeyError as error:
                    raise TypeError(f"{cls.__name__}() misses {error}") from None
                if given > len(fields):
                    raise TypeError(f"{cls.__name__}() takes {len(fields)} values, not {given}")
            if named:
                raise TypeError(f"{cls.__name__}() has no {', '.join(named)}")
            return tuple.__new__(cls, values)

        def _replace(self, **changed):
            return type(self)(**{**self._asdict(), **changed})

        def _asdict(self):
            return dict(zip(self._fields, self, strict=True))

        def __repr__(self):
            inner = ", ".join(f"{field}={value!r}" for field, value in self._asdict().items())
            return f"{type(self).__name__}({inner})"

        def __getnewargs__(self):
            return tuple(self)
