"""The compiler's context: unsaved texts before files, and a note of what was missing and what was read."""

import os

from Cython import Utils
from Cython.Compiler import Errors, Main

from tolerant_parse import parse


class AnalysisContext(Main.Context):
    """
    Attributes: `texts` by absolute path, `read_files` with the version of each, `missing` names of modules and includes, `places`
    from which a module that was not found was asked for.
    """

    def prepare(self):
        self.read_files = {}
        self.places = {}
        self.first_directives = set(self.future_directives)
        self.first_level = self.language_level

    def begin(self, texts):
        """Before each question: what the last one left behind is not to be seen."""
        self.texts = texts
        self.missing = set()
        self.has_missing_include = False
        self.pxds.clear()
        self.future_directives = set(self.first_directives)
        self.language_level = self.first_level

    def note_file(self, path):
        self.read_files.setdefault(path, version_of(path))

    def parse(self, source_desc, scope, pxd, full_module_name):
        path = source_desc.filename
        text = self.texts.get(path)
        if text is None:
            self.note_file(path)
            return super().parse(source_desc, scope, pxd, full_module_name)
        scope.cpp = self.cpp
        return parse(self, source_desc, text, scope, pxd, full_module_name)

    def find_module(self, module_name, *args, **keywords):
        held = Errors.held_errors()
        before = len(held)
        scope = super().find_module(module_name, *args, **keywords)
        if scope is None:
            return scope
        name = str(scope.qualified_name)
        complaint = "'%s.pxd' not found" % name.replace(".", os.sep)
        if any(getattr(error, "message_only", "") == complaint for error in held[before:]):
            scope.binary_detective_missing = True
            self.places[name] = keywords.get("pos", args[1] if len(args) > 1 else None)
        if getattr(scope, "binary_detective_missing", False):
            self.missing.add(name)
        return scope

    def process_pxd(self, source_desc, scope, module_name):
        error, result = super().process_pxd(source_desc, scope, module_name)
        if error:
            # Declared in part at most.
            scope.binary_detective_missing = True
            self.missing.add(str(module_name))
        return error, result

    def find_include_file(self, filename, *args, **keywords):
        path = super().find_include_file(filename, *args, **keywords)
        if path:
            self.note_file(os.path.abspath(path))
        else:
            self.has_missing_include = True
            self.missing.add(filename)
        # Without a file the parser would leave a hole in the tree.
        return path or os.devnull


def create_context(include_path, is_cplus):
    options = Main.CompilationOptions(
        Main.default_options, include_path=list(include_path), cplus=is_cplus, output_file=None
    )
    if hasattr(AnalysisContext, "from_options"):
        context = AnalysisContext.from_options(options)
    else:
        context = AnalysisContext(
            options.include_path, options.compiler_directives, options.cplus, options.language_level, options=options
        )
    context.prepare()
    return context


def version_of(path):
    try:
        status = os.stat(path)
    except OSError:
        return None
    return (status.st_ino, status.st_size, status.st_mtime_ns)


def forget_files():
    """Which files exist, and which folders are packages, may have changed since the last question."""
    Utils.clear_function_caches()


def reset_errors():
    Errors.reset()
    if hasattr(Errors, "init_thread"):
        Errors.init_thread()
