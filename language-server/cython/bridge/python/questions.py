"""The questions and their answers; README.md beside this file has their fields."""

import os
import re
import resource
import time
import warnings
from collections import OrderedDict

from Cython import __version__ as cython_version_text
from Cython.Compiler import Errors, Main, Pipeline
from Cython.Compiler.Errors import CompileError
from Cython.Compiler.ParseTreeTransforms import AnalyseExpressionsTransform
from Cython.Compiler.Scanning import FileSourceDescriptor
from Cython.Compiler.StringEncoding import EncodedString

import recording
from compiler_context import forget_files, reset_errors
from generated_c import generate_c
from kept_contexts import give_back, take_context
from tolerant_parse import parse_tolerantly
from wire_types import UNKNOWN, type_text, wire_type

recording.install()
warnings.simplefilter("ignore")

CPLUS = re.compile(r"^#\s*distutils\s*:\s*language\s*=\s*c\+\+|\b(?:libcpp|cppclass)\b", re.MULTILINE)
# Names are kept of the last analyses only: a hover asks about the text that was analysed a moment ago.
MOST_KEPT = 12
# The compiler gives up for good at few kinds of lines, such as a decorator that it does not know.
MOST_REFUSED = 8
kept_names = OrderedDict()


def cython_version():
    return cython_version_text


def answer_request(request, folders):
    began = time.perf_counter()
    kind = request["ask"]
    if kind == "analyse":
        answer = analyse(request, folders)
    elif kind == "typeAt":
        answer = type_at(request, folders)
    elif kind == "generateC":
        forget_files()
        answer = generate_c(request, include_path_of(request, folders), is_cplus(request["text"]))
    else:
        answer = {"failure": "There is no question %s." % kind}
    answer["ms"] = round((time.perf_counter() - began) * 1000, 1)
    answer["peakKiB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return answer


def analyse(request, folders):
    answer, names = run_analysis(request, folders)
    key = (request["path"], request["text"])
    kept_names[key] = names
    kept_names.move_to_end(key)
    while len(kept_names) > MOST_KEPT:
        kept_names.popitem(last=False)
    return answer


def type_at(request, folders):
    """Of the name at a line and a character, both from 0, in UTF-16 units."""
    key = (request["path"], request["text"])
    if key not in kept_names:
        analyse(request, folders)
    found = kept_names[key].get((request["line"], request["character"]))
    if found is None:
        return {"name": None}
    name, type_, is_unknown = found
    return {"name": name, "text": "" if is_unknown else type_text(type_), "type": wire_known(type_, is_unknown)}


def run_analysis(request, folders):
    text = plain_text(request["text"])
    path = os.path.abspath(request["path"])
    is_pxd = request.get("kind") == "pxd"
    forget_files()
    texts = {os.path.abspath(name): plain_text(other) for name, other in request.get("texts", {}).items()}
    texts[path] = text
    refused = []
    while True:
        listening, held, error, parsed, context = attempt(request, folders, path, text, texts, is_pxd, refused)
        line = refused_line(error, path)
        if line is None or line in refused or len(refused) >= MOST_REFUSED:
            break
        refused.append(line)
    failure = None if error is None else " ".join(("%s: %s" % (type(error).__name__, error)).split())[-300:]
    return wire_answer(context, listening, text, failure, parsed, held), to_utf16(listening.names, text.split("\n"))


def refused_line(error, path):
    """The line at which the compiler gave up for good, where it is one of this source."""
    position = getattr(error, "position", None) if isinstance(error, CompileError) else None
    if not position or getattr(position[0], "filename", None) != path:
        return None
    return position[1]


def attempt(request, folders, path, text, texts, is_pxd, refused):
    reset_errors()
    context, key = take_context(include_path_of(request, folders), is_cplus(text), texts, path)
    source = FileSourceDescriptor(path, path)
    listening = recording.Recording(source, {})
    failure = None
    parsed = None
    # Kept in memory: whether a source compiles is not what is asked.
    held = hold_errors()
    recording.current = listening
    try:
        parsed = parse_source(context, source, text, is_pxd, request, listening, refused)
        run_phases(context, parsed[0], is_pxd, path, listening)
    except (Exception, RecursionError) as error:
        failure = error
    finally:
        recording.current = None
        Errors.release_errors(ignore=True)
    if failure is None and listening.crashes == 0:
        give_back(context, key, module_name_of(context, path))
    return listening, held, failure, parsed, context


def hold_errors():
    Errors.hold_errors()
    return Errors.held_errors()


def parse_source(context, source, text, is_pxd, request, listening, refused):
    module_name = EncodedString(module_name_of(context, source.filename))
    if is_pxd:
        scope = context
        for name in module_name.split("."):
            scope = scope.find_submodule(name)
        scope.pxd_file_loaded = True
    else:
        scope = context.find_module(module_name, pos=(source, 1, 0), need_pxd=0)
    scope.cpp = context.cpp
    tree, parsed_text, names = parse_tolerantly(
        context, source, text, scope, is_pxd, module_name, request.get("broken", ()), refused
    )
    listening.unknowns.broken_names = names
    # Its own .pxd could not be read: what that declares is not known.
    # That of a template (`x.templ.pyx`) is found only when the template has become a module.
    is_template = "." in os.path.splitext(os.path.basename(source.filename))[0]
    is_missing = getattr(scope, "binary_detective_missing", False)
    listening.unknowns.is_open = is_template or context.has_missing_include or is_missing
    tree.compilation_source = Main.CompilationSource(source, module_name, os.getcwd())
    tree.scope = scope
    tree.is_pxd = is_pxd
    return tree, parsed_text is not text


def module_name_of(context, path):
    name = context.extract_module_name(path, None)
    return name if Main.module_name_pattern.match(name) else "untitled"


def run_phases(context, tree, is_pxd, path, listening):
    mode = "pxd" if is_pxd else "py" if path.endswith(".py") else "pyx"
    for phase in Pipeline.create_pipeline(context, mode):
        if phase is None:
            continue
        tree = phase(tree)
        if isinstance(phase, AnalyseExpressionsTransform):
            return
        if tree is None:
            return


def include_path_of(request, folders):
    return list(request.get("includePath", ())) + list(folders)


def is_cplus(text):
    return CPLUS.search(text) is not None


def plain_text(text):
    """As Python reads a source: no mark at its beginning, one kind of line end."""
    return text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def wire_answer(context, listening, text, failure, parsed, held):
    types = []
    indices = {}

    def index_of(wired, shown=""):
        key = (repr(wired), shown)
        if key not in indices:
            indices[key] = len(types)
            types.append({"type": wired, "text": shown})
        return indices[key]

    lines = text.split("\n")
    casts = [
        [line, character, index_of(wire_type(target), type_text(target)),
         index_of(wire_known(operand, is_unknown), "" if is_unknown else type_text(operand))]
        for (line, character), facts in sorted(to_utf16(listening.casts, lines).items())
        for target, operand, is_unknown in facts
    ]
    accesses = [
        [line, character, index_of(wire_known(owner, is_unknown)), index_of(wire_known(value, is_unknown))]
        for (line, character), facts in sorted(to_utf16(listening.accesses, lines).items())
        for owner, value, is_unknown in facts
    ]
    answer = {
        "casts": casts,
        "accesses": accesses,
        "types": types,
        "missing": sorted(str(name) for name in context.missing)[:50],
        "files": sorted(context.read_files)[:500],
        "isPartial": bool(parsed and parsed[1]) or listening.crashes > 0,
        "errors": [wire_error(error) for error in held[:20]],
    }
    if failure is not None and not casts:
        answer["failure"] = failure
    return answer


def wire_known(type_, is_unknown):
    return UNKNOWN if is_unknown else wire_type(type_)


def wire_error(error):
    position = getattr(error, "position", None)
    line = position[1] if position else 1
    return [max(line - 1, 0), " ".join(str(getattr(error, "message_only", error)).split())[:200]]


def to_utf16(table, lines):
    """Lines and columns as LSP counts them: both from 0, characters beyond the BMP as two."""
    result = {}
    for (line, column), facts in table.items():
        before = lines[line - 1][:column] if 0 < line <= len(lines) else ""
        extra = 0 if before.isascii() else sum(1 for character in before if character > "\uffff")
        result[line - 1, column + extra] = facts
    return result
