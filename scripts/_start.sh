# Sourced by the starters in this folder. It finds a Python that really runs (version managers leave
# commands that only print an error) and hands over to the Python file of the same name.
# Set BELONG_PYTHON to choose the interpreter yourself.

start() {
    name=$1
    shift
    python=$(find_python 'import ensurepip, venv') || python=$(find_python 'pass') || {
        echo "Belong needs Python 3.11 or newer and found none." >&2
        echo "On Debian or Ubuntu: apt-get install python3 python3-venv; then run scripts/$name again." >&2
        exit 1
    }
    exec "$python" "$here/$name.py" "$@"
}

# One that can make an environment is better than a newer one that cannot, so callers ask twice.
find_python() {
    for candidate in ${BELONG_PYTHON:+"$BELONG_PYTHON"} \
        python3.14 python3.13 python3.12 python3.11 python3 python; do
        if "$candidate" -c "import sys; sys.version_info >= (3, 11) or sys.exit(1); $1" >/dev/null 2>&1; then
            echo "$candidate"
            return 0
        fi
    done
    return 1
}
