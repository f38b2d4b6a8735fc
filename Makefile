PYTHON := $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)

.PHONY: demo test python

# Some systems export HOST as the machine's own name, on which a demo with known passwords has no business.
demo: python
	@$(PYTHON) -m scripts.demo $(if $(filter command,$(origin HOST)),--host=$(HOST)) $(if $(PORT),--port=$(PORT))

test: python
	@$(PYTHON) -m scripts.test

python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and no python3 here is one." >&2; exit 1; }
