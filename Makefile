# Each command does its own set-up first (once) and can be run again at any time. docs/development.md says more.
# SCENARIO limits `make molecule` to one scenario.
SCENARIO ?=
export SCENARIO

.PHONY: help demo demo-down test test-all lint sanity unit molecule molecule-data bench-ha bench-ipvs bench-model setup build clean clean-build

help:
	@echo 'make demo         a three-tier cluster on this machine, in minutes (as root)'
	@echo 'make demo-down    stop it'
	@echo 'make test         lint, sanity, units and the main Molecule scenarios (as root)'
	@echo 'make test-all     the same with all scenarios, which takes hours (as root)'
	@echo 'make lint         ruff, mypy, yamllint, ansible-lint, shellcheck, docs, changelog, tarball'
	@echo 'make sanity       ansible-test sanity on the oldest and the newest ansible-core'
	@echo 'make unit         ansible-test units on both'
	@echo 'make molecule     all scenarios, or SCENARIO=name (as root)'
	@echo 'make molecule-data the scenarios of the shared-data tier alone (as root)'
	@echo 'make bench-ha     what clients see of faults, into docs/benchmarks.md (as root)'
	@echo 'make bench-ipvs   how quick the modules for IPVS are, into docs/benchmarks.md (as root)'
	@echo 'make bench-model  time the plan for up to 1,000 hosts'
	@echo 'make setup        only the set-up that the others do: see .build/'
	@echo 'make build        the tarball for ansible-galaxy, in .build/dist/'
	@echo 'make clean-build  remove .build/, keep the lab'"'"'s kernel and image'
	@echo 'make clean        remove all that these commands made'

demo demo-down test test-all lint sanity unit molecule molecule-data bench-ha bench-ipvs bench-model setup build clean clean-build:
	@tools/$@
