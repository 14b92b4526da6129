"""Install the project and everything it needs into .venv, with nothing but Python's standard library.

The Makefile runs it with the system's Python when the lock or a pyproject.toml has changed. Everything it says
goes to the error stream: `make -s token` must print a token and nothing else.
"""

import importlib.util
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"


def main() -> None:
    """Make .venv, install the locked libraries, then our own packages, and stamp the result."""
    if sys.version_info < (3, 11):  # noqa: UP036  # the very thing to check on an unknown machine
        sys.exit("Il faut Python 3.11 ou plus récent. Indiquez-le : make up PYTHON=python3.12")
    if importlib.util.find_spec("ensurepip") is None:
        sys.exit("Ce Python n'a pas le module venv. Sous Debian ou Ubuntu : apt install python3-venv")
    started = time.monotonic()
    _say("Installation dans .venv (la première fois, puis quand les dépendances changent)\n")
    _run([sys.executable, "-m", "venv", str(VENV)])
    _install_libraries()
    _install_ours()
    (VENV / ".installed").touch()
    _say(f"Installation terminée en {time.monotonic() - started:.0f} s\n")


def _install_libraries() -> None:
    """Install what the lock names, each file checked against its hash, counting on one line as they come."""
    total = sum("==" in line for line in LOCK.read_text(encoding="utf-8").splitlines())
    found = 0
    end, lead = ("", "\r") if sys.stderr.isatty() else ("\n", "")
    command = _pip("--require-hashes", "-r", str(LOCK))
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as pip:  # noqa: S603
        for line in pip.stdout or ():
            if line.startswith("Collecting ") and (found := found + 1) % (1 if lead else 25) == 0:
                _say(f"{lead}  bibliothèques : {found} sur {total}{end}")
            elif line.startswith("Installing collected"):
                _say(f"{lead}  bibliothèques : mise en place…          {end}")
    _say("\n" if lead else "")
    _require_success(pip.returncode)


def _install_ours() -> None:
    services = sorted(path.parent for path in (ROOT / "services").glob("*/pyproject.toml"))
    editable = [text for folder in (ROOT / "libs" / "common", *services, ROOT) for text in ("-e", str(folder))]
    _run(_pip("--quiet", "--no-deps", "--no-build-isolation", *editable))


def _pip(*arguments: str) -> list[str]:
    python = VENV / "bin" / "python"
    return [str(python), "-m", "pip", "--disable-pip-version-check", "install", *arguments]


def _run(command: list[str]) -> None:
    _require_success(subprocess.run(command, stdout=sys.stderr, check=False).returncode)  # noqa: S603


def _require_success(code: int) -> None:
    if code != 0:
        sys.exit("L'installation a échoué : voir ci-dessus. make reprend au début de l'installation.")


def _say(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()


if __name__ == "__main__":
    os.environ.pop("PIP_QUIET", None)  # its output is counted
    main()
