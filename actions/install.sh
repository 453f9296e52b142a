#!/usr/bin/env bash
# Installs the release of this checkout, with the versions and hashes of its lock, into an environment of its own.
# Reads PYTHON, a Python of 3.11 or newer, SOURCE, the root of this checkout, and RUNNER_TEMP.
# Writes the output `python`, the interpreter that has it.
set -euo pipefail

environment=$RUNNER_TEMP/records-release
if [ ! -f "$environment/installed" ]; then # another step of the job may have made it
  rm -rf "$environment"
  "$PYTHON" -m venv "$environment"
fi
if [ -d "$environment/Scripts" ]; then
  interpreter=$environment/Scripts/python.exe # on Windows
else
  interpreter=$environment/bin/python
fi
if [ ! -f "$environment/installed" ]; then
  pip=("$interpreter" -I -m pip --quiet --disable-pip-version-check --no-input install)
  "${pip[@]}" --only-binary :all: --require-hashes -r "$SOURCE/requirements.lock"
  "${pip[@]}" --no-deps --no-build-isolation "$SOURCE"
  touch "$environment/installed"
fi
echo "python=$interpreter" >> "$GITHUB_OUTPUT"
