"""Where this interpreter keeps its packages, worked out without running `site`, and a door for the package Cython alone."""

import os
import sys
import sysconfig
from importlib.machinery import PathFinder


def package_folders():
    """The folders of installed packages, nearest first: what `site` would put on sys.path, as far as they exist."""
    version = "python%d.%d" % sys.version_info[:2]
    environment = virtual_environment()
    folders = []
    if environment is not None:
        home, sees_system = environment
        folders.append(os.path.join(home, "lib", version, "site-packages"))
        folders.append(os.path.join(home, "Lib", "site-packages"))
        if not sees_system:
            return existing(folders)
    folders.append(os.path.expanduser(os.path.join("~", ".local", "lib", version, "site-packages")))
    if sys.base_prefix == "/usr":
        # Debian keeps what apt-get and what pip installs apart (site.py, getsitepackages).
        folders.append(os.path.join("/usr/local/lib", version, "dist-packages"))
        folders.append("/usr/lib/python3/dist-packages")
    paths = sysconfig.get_paths()
    folders.extend([paths.get("purelib", ""), paths.get("platlib", "")])
    return existing(folders)


def virtual_environment():
    """The folder of a virtual environment (PEP 405), and whether it sees the packages around it; None outside of one."""
    for folder in (os.path.dirname(sys.executable), os.path.dirname(os.path.dirname(sys.executable))):
        try:
            with open(os.path.join(folder, "pyvenv.cfg"), encoding="utf-8", errors="replace") as lines:
                settings = dict(
                    (part.strip().lower() for part in line.split("=", 1)) for line in lines if "=" in line
                )
        except OSError:
            continue
        return folder, settings.get("include-system-site-packages") == "true"
    return None


def existing(folders):
    seen = []
    for folder in folders:
        if folder and folder not in seen and os.path.isdir(folder):
            seen.append(folder)
    return seen


def cython_folder(folders):
    """The first folder that holds the compiler; None where none does."""
    for folder in folders:
        if os.path.isfile(os.path.join(folder, "Cython", "Compiler", "Main.py")):
            return folder
    return None


def allow_cython(folder):
    """Makes `Cython`, and the module `cython` that its sources import, importable from the folder, and nothing else of it."""
    sys.meta_path.append(OnlyCython(folder))


class OnlyCython:
    def __init__(self, folder):
        self.folder = folder

    def find_spec(self, name, path=None, target=None):
        if path is None and name in ("Cython", "cython"):
            return PathFinder.find_spec(name, [self.folder], target)
        return None
