"""The C that Cython makes of each line, with the counts that `cython -a` paints its pages by."""

import os
import re
import shutil
import tempfile

from Cython.Compiler import Annotate, Errors, Main, Options

PARTS = (
    r"(?P<pyx_macro_api>__Pyx_[A-Z][A-Z_]+(?=\())|"
    r"(?P<pyx_c_api>(?:__Pyx_[A-Z][a-z_][A-Za-z_]*|__pyx_convert_[A-Za-z_]*)(?=\())|"
    r"(?P<py_macro_api>Py[A-Z][a-z]+_[A-Z][A-Z_]+(?=\())|"
    r"(?P<py_c_api>Py[A-Z][a-z]+_[A-Z][a-z][A-Za-z_]*(?=\())"
)
# Annotate._save_annotation_body of Cython: a call of the Python API counts most, a macro least.
WEIGHTS = {"py_c_api": 5, "pyx_c_api": 2, "py_macro_api": 1, "pyx_macro_api": 1}
CALLS = re.compile(PARTS)
REFERENCE_COUNTS = re.compile(r"__Pyx_X?(?:GOT|GIVE)REF|__Pyx_RefNanny[A-Za-z]+|__Pyx_Trace[A-Za-z]+")
POSITION_COMMENT = re.compile(r"^\s*/\*(?:(?:[^*]|\*[^/])*\n)+\s*\*/\s*\n", re.MULTILINE)


def generate_c(request, include_path, is_cplus):
    path = os.path.abspath(request["path"])
    folder = tempfile.mkdtemp(prefix="binary-detective-cython-")
    captured = {}

    def keep(self, source_filename, *args, **keywords):
        code = self.code.get(source_filename) or {}
        captured[os.path.abspath(source_filename)] = dict(code)

    original = Annotate.AnnotationCCodeWriter.save_annotation
    Annotate.AnnotationCCodeWriter.save_annotation = keep
    try:
        source = place_source(path, request["text"], folder)
        return compile_source(source, path, folder, include_path, is_cplus, captured)
    finally:
        Annotate.AnnotationCCodeWriter.save_annotation = original
        shutil.rmtree(folder, ignore_errors=True)


def place_source(path, text, folder):
    """The text as it stands in the editor, in a copy of its own: the person's file is not touched."""
    source = os.path.join(folder, os.path.basename(path))
    with open(source, "w", encoding="utf-8", errors="surrogatepass", newline="") as file:
        file.write(text)
    companion = os.path.splitext(path)[0] + ".pxd"
    if os.path.isfile(companion):
        shutil.copyfile(companion, os.path.join(folder, os.path.basename(companion)))
    return source


def compile_source(source, path, folder, include_path, is_cplus, captured):
    output = os.path.join(folder, "generated.cpp" if is_cplus else "generated.c")
    options = Main.CompilationOptions(
        Main.default_options,
        include_path=[os.path.dirname(path)] + roots_above(path) + include_path,
        cplus=is_cplus,
        output_file=output,
        annotate=True,
        use_listing_file=False,
        errors_to_stderr=False,
    )
    messages = []
    held = Errors.report_error

    def report(error, use_stack=True):
        if not getattr(error, "reported", False):
            messages.append(wire_message(error))
        return held(error, use_stack)

    Errors.report_error = report
    try:
        result = Main.compile_single(source, options, full_module_name=module_name(path))
    except Exception as error:
        messages.append([0, " ".join(str(error).split())[:300]])
        result = None
    finally:
        Errors.report_error = held
    if result is None or not result.c_file or not captured:
        return {"failure": "Cython does not compile this file.", "errors": messages[:20]}
    with open(output, encoding="utf-8", errors="replace") as file:
        total = sum(1 for _ in file)
    code = captured.get(os.path.abspath(source)) or {}
    lines = [wire_line(number, text) for number, text in sorted(code.items()) if text.strip()]
    return {"lines": [line for line in lines if line is not None], "generatedLines": total}


def wire_line(number, text):
    text = POSITION_COMMENT.sub("", text)
    if not text.strip():
        return None
    counts = dict.fromkeys(WEIGHTS, 0)
    for match in CALLS.finditer(REFERENCE_COUNTS.sub(blank, text)):
        counts[match.lastgroup] += 1
    score = sum(WEIGHTS[name] * count for name, count in counts.items())
    return [number - 1, score, text.strip("\n")]


def blank(match):
    return "_" * len(match.group())


def wire_message(error):
    position = getattr(error, "position", None)
    return [max(position[1] - 1, 0) if position else 0, " ".join(str(getattr(error, "message_only", error)).split())]


def module_name(path):
    """The dotted name by the packages around the file, as Context.extract_module_name finds it."""
    names = [os.path.splitext(os.path.basename(path))[0]]
    folder = os.path.dirname(path)
    while any(os.path.isfile(os.path.join(folder, "__init__" + end)) for end in (".py", ".pyx", ".pxd")):
        names.append(os.path.basename(folder))
        folder = os.path.dirname(folder)
    return ".".join(reversed(names))


def roots_above(path):
    return [os.path.dirname(os.path.abspath(path)) for _ in range(1)] + [root_of(path)]


def root_of(path):
    folder = os.path.dirname(path)
    while any(os.path.isfile(os.path.join(folder, "__init__" + end)) for end in (".py", ".pyx", ".pxd")):
        folder = os.path.dirname(folder)
    return folder
