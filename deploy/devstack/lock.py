"""Compile requirements.lock from every pyproject.toml of the repository: ``python -m devstack.lock``."""

import subprocess
import sys
import tomllib

from devstack.settings import ROOT


def main() -> None:
    """Write the lock: pinned, hashed, for every platform, naming no registry."""
    folders = [ROOT / "libs" / "common", *sorted(path.parent for path in (ROOT / "services").glob("*/pyproject.toml"))]
    ours = [tomllib.loads((folder / "pyproject.toml").read_text())["project"]["name"] for folder in (*folders, ROOT)]
    requirements = "".join(f"-e {folder}\n" for folder in folders) + f"-e {ROOT}[dev]\n"
    command = [
        *(sys.executable, "-m", "uv", "pip", "compile", "-", "--output-file", "requirements.lock", "--quiet"),
        *("--universal", "--python-version", "3.11", "--generate-hashes"),
        *("--no-emit-index-url", "--no-annotate", "--no-header"),
        *(text for name in ours for text in ("--no-emit-package", name)),
    ]
    sys.exit(subprocess.run(command, input=requirements, text=True, cwd=ROOT, check=False).returncode)  # noqa: S603


if __name__ == "__main__":
    main()
