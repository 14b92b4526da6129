# The two commands of the project: `make up` runs the platform, `make test` proves it.
# S=dues narrows up, down, logs, reset and test to one service. Settings: GATEWAY_PORT, KAFKA_PORT, POSTGRES_PORT, MAIL_PORT,
# BROKER=apache|embedded, KAFKA_BOOTSTRAP_SERVERS, DATABASE_URL and SMTP_URL for servers that run elsewhere.

PYTHON ?= python3
RUN := .venv/bin/python -m devstack
ONE := $(if $(S),--service $(S))

# A process starts in half the time from modules that were compiled before.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: up down logs reset token mails demo check test chaos soak story bench lock help

.venv/.installed: requirements.lock pyproject.toml libs/common/pyproject.toml $(wildcard services/*/pyproject.toml)
	@$(PYTHON) deploy/devstack/install.py

up: .venv/.installed ## Démarre toute la plateforme (ou S=dues) et rend la main quand tout est prêt
	@$(RUN) up $(ONE)

down: .venv/.installed ## Arrête tout (ou S=dues) ; les données restent
	@$(RUN) down $(ONE)

logs: .venv/.installed ## Suit les journaux (ou S=dues)
	@$(RUN) logs $(ONE)

reset: .venv/.installed ## Arrête et efface toutes les données (ou celles de S=dues)
	@$(RUN) reset $(ONE)

token: .venv/.installed ## Écrit un jeton pour un persona : make -s token AS=finance
	@$(RUN) token '$(AS)'

mails: .venv/.installed ## Montre les courriels que les services ont envoyés
	@$(RUN) mails

demo: .venv/.installed ## Rejoue l'histoire de démonstration
	@$(RUN) demo

check: .venv/.installed ## Vérifie le style, les couches et les types
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/lint-imports
	@.venv/bin/mypy

# Whole platforms are started and killed by the second; thousands of requests are made up by the third: nothing beside.
test: .venv/.installed ## Joue tous les tests, sur tous les cœurs (ou ceux de S=dues)
	@.venv/bin/pytest -n auto --dist loadfile $(if $(S),services/$(S),services libs deploy tests/conformance tests/contracts)
	@$(if $(S),,.venv/bin/pytest -n auto --dist loadfile tests/e2e --ignore tests/e2e/test_fuzz.py)
	@$(if $(S),,.venv/bin/pytest tests/e2e/test_fuzz.py)

chaos: .venv/.installed ## Casse tout, exprès, et vérifie ce qu'il en reste (FULL=1 : durées réelles et 30 min d'endurance)
	@FULL=$(FULL) .venv/bin/pytest tests/chaos $(if $(filter 1,$(FULL)),--write-report,-m 'not full')
	@$(if $(filter 1,$(FULL)),cd tests && ../.venv/bin/python -m chaos.soak --write-report)

soak: .venv/.installed ## Fait marcher deux services sous charge constante (MINUTES=30) : rien ne doit grossir
	@cd tests && ../.venv/bin/python -m chaos.soak $(if $(MINUTES),--minutes $(MINUTES))

story: .venv/.installed ## Joue l'histoire de bout en bout sur les vrais processus (BROKER impose le courtier)
	@.venv/bin/pytest -n auto --dist loadfile tests/e2e --ignore tests/e2e/test_fuzz.py

bench: .venv/.installed ## Mesure les grands travaux, à côté du plafond de la machine
	@PYTHONPATH=tests .venv/bin/python -m bench

lock: .venv/.installed ## Recalcule requirements.lock
	@.venv/bin/python -m devstack.lock

help: ## Montre cette aide
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1|\2/' | awk -F'|' '{printf "%-14s %s\n", $$1, $$2}'
