"""Listens to the compiler's type analysis: what each cast, each `.data` and each name turned out to be."""

from Cython.Compiler.Errors import CompileError
from Cython.Compiler.PyrexTypes import py_object_type
from Cython.Compiler import ExprNodes, Nodes, ParseTreeTransforms, Symtab

from Cython.Compiler.Scanning import FileSourceDescriptor

from unknowns import Unknowns, is_missing_module, is_open_module, unspecified

# The analysis that is under way; the patches below do nothing where there is none.
current = None


class Recording:
    def __init__(self, source, broken_names):
        self.source = source
        self.unknowns = Unknowns(broken_names)
        # (line from 1, column in characters) -> [(target type, operand type, whether the operand is not known)]
        self.casts = {}
        # the same of `.data`: [(type of the object, type of the attribute, whether the object is not known)]
        self.accesses = {}
        # (line from 1, column) -> (name, type, whether it is not known)
        self.names = {}
        self.crashes = 0

    def place(self, node):
        source, line, column = node.pos
        return (line, column) if source is self.source else None


def recorded(operand, analyse):
    """Analyses a node whose operand is one of its parts, and gives what the operand's own analysis came to."""
    seen = []
    original = operand.analyse_types

    def listen(*args, **keywords):
        result = original(*args, **keywords)
        seen.append(result.type)
        return result

    # On the node itself, which hides the method of its class while the analysis lasts.
    operand.analyse_types = listen
    try:
        return analyse(), (seen[0] if seen else None)
    finally:
        operand.__dict__.pop("analyse_types", None)


def install():
    """Puts the listeners into the compiler, once a process."""
    patch(ExprNodes.TypecastNode, "analyse_types", analyse_cast)
    patch(ExprNodes.AttributeNode, "analyse_types", analyse_attribute)
    for name in ("analyse_types", "analyse_target_types", "analyse_rvalue_entry"):
        if name in vars(ExprNodes.NameNode):
            patch(ExprNodes.NameNode, name, analyse_name)
    patch(Symtab.Scope, "infer_types", infer_types)
    patch(Nodes.FromCImportStatNode, "analyse_declarations", declare_cimported)
    patch(Nodes.CClassDefNode, "analyse_declarations", declare_class)
    patch(ParseTreeTransforms.AnalyseExpressionsTransform, "visit_FuncDefNode", visit_function)
    patch(ParseTreeTransforms.InterpretCompilerDirectives, "try_to_parse_directives", parse_directives)
    patch(FileSourceDescriptor, "get_lines", no_lines)
    Nodes.StatListNode.analyse_expressions = analyse_statements


def patch(owner, name, replacement):
    original = getattr(owner, name)

    def method(self, *args, **keywords):
        if current is None:
            return original(self, *args, **keywords)
        return replacement(current, original, self, *args, **keywords)

    setattr(owner, name, method)


def analyse_cast(recording, original, node, env):
    place = recording.place(node)
    if place is None:
        return original(node, env)
    is_unknown = recording.unknowns.has(node.operand, env)
    result, operand_type = recorded(node.operand, lambda: original(node, env))
    add_once(recording.casts, place, (node.type, operand_type, is_unknown))
    return result


def analyse_attribute(recording, original, node, env, *args, **keywords):
    place = recording.place(node) if node.attribute == "data" else None
    if place is None:
        return original(node, env, *args, **keywords)
    is_unknown = recording.unknowns.has(node.obj, env)
    result, owner_type = recorded(node.obj, lambda: original(node, env, *args, **keywords))
    if owner_type is not None:
        add_once(recording.accesses, place, (owner_type, result.type, is_unknown))
    return result


def add_once(table, place, fact):
    """A function of fused types is analysed once a specialisation, a node now and then twice."""
    facts = table.setdefault(place, [])
    if fact not in facts:
        facts.append(fact)


def analyse_name(recording, original, node, env, *args, **keywords):
    result = original(node, env, *args, **keywords)
    place = recording.place(node)
    if place is not None and place not in recording.names:
        entry = getattr(node, "entry", None)
        type_ = entry.type if entry is not None and entry.type is not None else node.type
        recording.names[place] = (str(node.name), type_, recording.unknowns.has_name(node, env))
    return result


def infer_types(recording, original, scope):
    inferred = unspecified(scope)
    try:
        original(scope)
    except Exception:
        # It stumbled over what is missing: what it had not inferred by then stays unknown.
        recording.crashes += 1
        for entry in unspecified(scope):
            entry.type = py_object_type
        recording.unknowns.entries.update(inferred)
        return
    recording.unknowns.settle(scope, inferred)


def declare_cimported(recording, original, node, env):
    original(node, env)
    if any(name == "*" for _, name, *_ in node.imported_names or ()):
        # A star of a module that is not there, or that has such a star itself.
        if any(is_missing_module(module) or is_open_module(module) for module in getattr(env, "cimported_modules", ())):
            env.binary_detective_open = True


def declare_class(recording, original, node, env):
    original(node, env)
    type_ = getattr(getattr(node, "entry", None), "type", None)
    has_base = bool(getattr(getattr(node, "bases", None), "args", None))
    if type_ is not None and has_base and not getattr(type_, "base_type", None):
        names_object = getattr(node.bases.args[0], "name", None) == "object"
        type_.binary_detective_open = not names_object


def no_lines(recording, original, source, *args, **keywords):
    """Each error quotes its surroundings from the file, which may not even exist; nobody reads them here."""
    return []


def parse_directives(recording, original, transform, node):
    """A directive with a value that only the build knows (`compile_time_env`) would end the compilation."""
    try:
        return original(transform, node)
    except CompileError:
        return []


def visit_function(recording, original, transform, node):
    """What the compiler stumbles over in one function silences that function only."""
    try:
        return original(transform, node)
    except Exception:
        recording.crashes += 1
        return node


def analyse_statements(self, env):
    if current is None:
        self.stats = [statement.analyse_expressions(env) for statement in self.stats]
        return self
    analysed = []
    for statement in self.stats:
        try:
            analysed.append(statement.analyse_expressions(env))
        except Exception:
            current.crashes += 1
            analysed.append(statement)
    self.stats = analysed
    return self
