"""Contexts that last: the `.pxd` files of a project and of what it cimports are read once, not once a source.

A context may be used again while every file that it has read is as it was. What one source declares beyond its `.pxd` must not be
seen from the next one, so after each question its module is taken out again, with every module that has names of it.
"""

import os
from collections import OrderedDict

from compiler_context import create_context, version_of

MOST_CONTEXTS = 6
kept = OrderedDict()


def take_context(include_path, is_cplus, texts, path):
    """A context for one question, and the key under which to give it back."""
    others = tuple(sorted((name, text) for name, text in texts.items() if name != path))
    key = (tuple(include_path), is_cplus, os.path.dirname(path) if not include_path else "", others)
    context = kept.pop(key, None)
    # A context was made of a `.pxd` that is now asked about itself: it has it from the file, not from the editor.
    if context is None or path in context.read_files or not is_as_it_was(context):
        context = create_context(include_path, is_cplus)
    context.begin(texts)
    return context, key


def give_back(context, key, module_name):
    take_out(context, module_name)
    kept[key] = context
    kept.move_to_end(key)
    while len(kept) > MOST_CONTEXTS:
        kept.popitem(last=False)


def is_as_it_was(context):
    if any(version_of(path) != version for path, version in context.read_files.items()):
        return False
    return not any(is_there_now(context, name, place) for name, place in context.places.items())


def is_there_now(context, name, place):
    try:
        return bool(context.find_pxd_file(name, place))
    except Exception:
        return True


def take_out(context, module_name):
    target = scope_of(context, module_name)
    if target is None:
        return
    scopes = list(all_scopes(context))
    out = {target}
    size = 0
    while len(out) != size:
        size = len(out)
        for scope in scopes:
            if scope not in out and (scope.parent_module in out or any(other in out for other in known_from(scope))):
                out.add(scope)
    for scope in out:
        siblings = scope.parent_module.module_entries if scope.parent_module else context.modules
        siblings.pop(scope.name, None)
        if scope.parent_module:
            scope.parent_module.entries.pop(scope.name, None)


def known_from(scope):
    """Modules of which a module has names; that a package knows its own parts does not count."""
    yield from scope.cimported_modules
    for entry in scope.entries.values():
        if entry.as_module is not None and entry.as_module.parent_module is not scope:
            yield entry.as_module


def scope_of(context, module_name):
    scope = context
    for name in module_name.split("."):
        scope = scope.lookup_submodule(name)
        if scope is None:
            return None
    return scope


def all_scopes(context):
    pending = [scope for name, scope in context.modules.items() if name not in ("__builtin__", "builtins", "cython")]
    while pending:
        scope = pending.pop()
        yield scope
        pending.extend(getattr(scope, "module_entries", {}).values())
