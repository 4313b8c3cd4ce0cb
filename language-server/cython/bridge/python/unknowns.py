"""What the compiler only seems to know.

With its errors held, Cython goes on after a cimport that is not there and takes every name of it for a Python object. An answer
in which such a name has a part is no answer: `Unknowns` says of an expression whether it has.
"""

from Cython.Compiler import ExprNodes, Nodes, PyrexTypes

DEEPEST = 200


class Unknowns:
    def __init__(self, broken_names):
        # Names of lines that could not be read, and the ranges of lines that see what they may declare.
        self.broken_names = broken_names
        # Whether names may come from where they cannot be seen: an include that is not there, a star of a missing module.
        self.is_open = False
        self.entries = set()

    def settle(self, scope, inferred):
        """After inference: which of the entries whose types were inferred rest on what is not known."""
        for _ in range(6):
            before = len(self.entries)
            for entry in inferred:
                if entry not in self.entries and any(
                    self.has(getattr(assignment, "rhs", None), getattr(assignment, "rhs_scope", None) or scope)
                    for assignment in entry.cf_assignments
                ):
                    self.entries.add(entry)
            if len(self.entries) == before:
                return

    def has(self, node, scope, depth=0):
        """Whether what is not known has a part in the type of an expression, in the scope in which it stands."""
        if node is None or depth > DEEPEST:
            return depth > DEEPEST
        type_ = getattr(node, "type", None)
        if type_ is not None and type_.is_error and not isinstance(node, (ExprNodes.AttributeNode, ExprNodes.NameNode)):
            return True
        if isinstance(node, ExprNodes.NameNode):
            return self.has_name(node, scope)
        if isinstance(node, ExprNodes.TypecastNode):
            # Whatever goes in, the written type comes out.
            return False
        if isinstance(node, ExprNodes.AttributeNode):
            return self.has(node.obj, scope, depth + 1) or self.is_open_attribute(node, scope)
        if isinstance(node, ExprNodes.SimpleCallNode):
            result = self.declared_result(node, scope)
            if result is not None:
                return holds_error(result) or self.has(node.function, scope, depth + 1)
        scope = getattr(node, "expr_scope", None) or scope
        return any(self.has(part, scope, depth + 1) for part in parts_of(node))

    def has_name(self, node, scope):
        if self.is_broken(node.name, node.pos[1]):
            return True
        entry = getattr(node, "entry", None) or scope.lookup(node.name)
        if entry is None:
            return self.is_open or is_open_module(scope)
        if is_missing_module(entry.as_module):
            return True
        defining = getattr(entry, "defining_entry", None) or entry
        if entry in self.entries or defining in self.entries:
            return True
        if entry.type is not None and holds_error(entry.type):
            return True
        # A built-in function or type may be hidden by a name that cannot be seen.
        return (self.is_open or is_open_module(scope)) and (getattr(entry.scope, "is_builtin_scope", False) or entry.is_builtin)

    def is_broken(self, name, line):
        return any(first <= line <= last for first, last in self.broken_names.get(name, ()))

    def is_open_attribute(self, node, scope):
        """An attribute that an extension type does not declare may be declared by a base that is not known."""
        if self.is_broken(node.attribute, 0x7FFFFFFF):
            return True
        try:
            type_ = node.obj.type or node.obj.infer_type(scope)
        except Exception:
            return True
        return type_ is not None and type_.is_extension_type and self.is_open_type(type_, node.attribute)

    def is_open_type(self, type_, attribute):
        while type_ is not None and type_.is_extension_type:
            if type_.scope is None:
                return True
            if type_.scope.lookup_here(attribute) is not None:
                return False
            if getattr(type_, "binary_detective_open", False):
                return True
            type_ = type_.base_type
        return False

    def declared_result(self, node, scope):
        """A call of a C function of one signature gives its declared result, whatever it is called with; else None."""
        try:
            type_ = getattr(node.function, "type", None) or node.function.infer_type(scope)
        except Exception:
            return None
        if type_ is not None and type_.is_ptr:
            type_ = type_.base_type
        if type_ is None or not type_.is_cfunction or type_.is_fused or type_.return_type.is_fused:
            return None
        return type_.return_type


def is_open_module(scope):
    """Whether the module cimports all names of one that is not there, be it by its own `.pxd`."""
    return getattr(scope.global_scope(), "binary_detective_open", False)


def is_missing_module(scope):
    return scope is not None and getattr(scope, "binary_detective_missing", False)


def holds_error(type_):
    for _ in range(10):
        if type_.is_error:
            return True
        if not (type_.is_ptr or type_.is_array):
            return False
        type_ = type_.base_type
    return False


def parts_of(node):
    """The parts of an expression; of what a loop gives, what it runs over."""
    iterator = getattr(node, "iterator", None)
    if iterator is not None and isinstance(node, ExprNodes.NextNode):
        yield iterator
    for name in getattr(node, "child_attrs", None) or ():
        part = getattr(node, name, None)
        if isinstance(part, (list, tuple)):
            for each in part:
                if isinstance(each, Nodes.Node):
                    yield each
        elif isinstance(part, Nodes.Node):
            yield part


def unspecified(scope):
    return [entry for entry in scope.entries.values() if entry.type is PyrexTypes.unspecified_type]
