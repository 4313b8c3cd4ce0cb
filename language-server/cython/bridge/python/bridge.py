"""A Cython compiler that answers questions: one JSON object a line on standard input, one a line on standard output.

Started as `python3 -I -S bridge.py`: neither the working folder nor PYTHONPATH nor site-packages is importable, so that no
module of a person's project, and no `.pth` or `sitecustomize` of theirs, ever runs. Only the package Cython is imported, from
the folder where this interpreter would find it. The first line out says which Cython that is, or that there is none.
"""

import gc
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from cython_folder import allow_cython, cython_folder, package_folders  # noqa: E402


ANSWERS_A_COLLECTION = 8


def main():
    # What Cython prints goes to standard error: only answers go to standard output.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="surrogatepass", newline="\n")
    os.dup2(2, 1)

    def say(answer):
        out.write(json.dumps(answer, separators=(",", ":")))
        out.write("\n")
        out.flush()

    folders = package_folders()
    folder = cython_folder(folders)
    python = "%d.%d.%d" % sys.version_info[:3]
    if folder is None:
        say({"hello": {"python": python, "cython": None, "searched": folders}})
        return
    allow_cython(folder)
    try:
        from questions import answer_request, cython_version
    except Exception as error:
        say({"hello": {"python": python, "cython": None, "searched": folders, "failure": one_line(error)}})
        return
    # Half-typed code nests as deep as it likes; the deadline of a request is kept by who asks.
    sys.setrecursionlimit(5000)
    gc.collect()
    gc.freeze()
    gc.disable()
    say({"hello": {"python": python, "cython": cython_version(), "folder": folder, "searched": folders}})
    for number, line in enumerate(sys.stdin.buffer, 1):
        try:
            request = json.loads(line)
        except ValueError:
            say({"id": None, "failure": "The question was not JSON."})
            continue
        say(answer(request, answer_request, folders))
        # The trees of a compilation are full of cycles; they are collected behind an answer, as somebody may wait for the next.
        if number % ANSWERS_A_COLLECTION == 0:
            gc.collect()


def answer(request, answer_request, folders):
    try:
        result = answer_request(request, folders)
    except (Exception, RecursionError, MemoryError) as error:
        result = {"failure": one_line(error)}
    result["id"] = request.get("id")
    return result


def one_line(error):
    text = "%s: %s" % (type(error).__name__, error)
    return " ".join(text.split())[:500]


if __name__ == "__main__":
    main()
