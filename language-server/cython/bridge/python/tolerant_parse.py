"""Parses a source that is being typed: a line that cannot be read is emptied, and the rest is read all the same."""

import io
import re

from Cython.Compiler import Parsing
from Cython.Compiler.Errors import CompileError
from Cython.Compiler.Scanning import PyrexScanner

MOST_BROKEN_LINES = 25
NAME = re.compile(r"[^\W\d]\w*")
FUNCTION = re.compile(r"(?:async\s+)?def\s|cpdef\s|cdef\s(?!\s*(?:class|struct|union|enum|extern|cppclass|packed|public\s+class)\b)")
CONTROL = re.compile(r"(?:if|elif|else|for|while|with|try|except|finally|match|case|IF|ELIF|ELSE)\b")
EVERYWHERE = (1, 1 << 60)


def parse(context, source, text, scope, is_pxd, module_name):
    scanner = PyrexScanner(io.StringIO(text), source, source_encoding="UTF-8", scope=scope, context=context)
    return Parsing.p_module(scanner, is_pxd, module_name)


def parse_tolerantly(context, source, text, scope, is_pxd, module_name, broken, refused):
    """
    @param refused Lines that the compiler can read, but will not go on after.
    @param broken Pairs of first and last line (from 1) that another reader of the source could not read.
    @return The tree, the text that was parsed, and of the names on the lines that were emptied where they may be declared:
    ranges of lines by name.
    Raises CompileError where the source cannot be read even so.
    """
    lines = text.split("\n")
    emptied = set()
    names = {}
    for line in refused:
        empty_at(lines, line, emptied, names)
    whole = "\n".join(lines) if refused else text
    try:
        return parse(context, source, whole, scope, is_pxd, module_name), whole, names
    except CompileError as error:
        failed = error
    for first, last in broken:
        empty_lines(lines, first, last, emptied, names)
    # Most lines of another reader are those at which the compiler stops, so one round is often enough.
    left = MOST_BROKEN_LINES
    if not broken:
        empty_at(lines, error_line(failed), emptied, names)
    while True:
        text = "\n".join(lines)
        try:
            return parse(context, source, text, scope, is_pxd, module_name), text, names
        except CompileError as error:
            left -= 1
            if left == 0 or not empty_at(lines, error_line(error), emptied, names):
                raise


def error_line(error):
    position = getattr(error, "position", None)
    return position[1] if position else 1


def empty_at(lines, line, emptied, names):
    """Empties the line of an error, or where that is done already the nearest line before it."""
    while line > len(lines) or (line > 0 and (line in emptied or not lines[line - 1].strip())):
        line -= 1
    if line <= 0:
        return False
    empty_lines(lines, line, line, emptied, names)
    return True


def empty_lines(lines, first, last, emptied, names):
    first, last = max(first, 1), min(last, len(lines))
    if first > last:
        return
    reach = reach_of(lines, first)
    for number in range(first, last + 1):
        for name in NAME.findall(lines[number - 1]):
            names.setdefault(name, []).append(reach)
        emptied.add(number)
    indent = indent_of(lines[first - 1])
    following = next((line for line in lines[last:] if line.strip() and not line.lstrip().startswith("#")), "")
    is_header = len(indent_of(following).expandtabs()) > len(indent.expandtabs())
    lines[first - 1] = indent + ("if 1:" if is_header else "pass")
    for number in range(first + 1, last + 1):
        lines[number - 1] = ""


def indent_of(line):
    return line[: len(line) - len(line.lstrip(" \t\f"))]


def reach_of(lines, number):
    """The lines at which a name that a line may declare is seen: those of the function around it, else all."""
    width = width_of(lines[number - 1])
    for header in range(number - 1, 0, -1):
        line = lines[header - 1]
        if not line.strip() or width_of(line) >= width:
            continue
        width = width_of(line)
        if CONTROL.match(line.lstrip()):
            continue
        return (header, end_of_block(lines, header)) if FUNCTION.match(line.lstrip()) else EVERYWHERE
    return EVERYWHERE


def end_of_block(lines, header):
    width = width_of(lines[header - 1])
    for number in range(header + 1, len(lines) + 1):
        line = lines[number - 1]
        if line.strip() and not line.lstrip().startswith("#") and width_of(line) <= width:
            return number - 1
    return len(lines)


def width_of(line):
    return len(indent_of(line).expandtabs())
