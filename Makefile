# Everything a person does in this tree. Each target sees to what it needs by itself.
.DEFAULT_GOAL := help
SHELL := /bin/bash

MAVEN = JAVA_HOME="$$(bin/jdk-home)" MAVEN_OPTS="$$(bin/maven-options)" mvn -B --no-transfer-progress

.PHONY: help prepare build test demo bench-archive bench-failover soak format clean

help: ## this list
	@echo 'make TARGET, where TARGET is one of'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

prepare: ## finds or installs what the other targets need (a JDK, Maven, PostgreSQL's programs)
	@bin/prepare

build: prepare ## the program: sidecar/target/matriarch.jar, started by bin/matriarch
	@$(MAVEN) -q -DskipTests package
	@bin/rehearse
	@bin/matriarch --version

test: prepare ## all tests, those with real processes too
	@$(MAVEN) verify

demo: build ## the whole story on this machine: fail over, switch over, drop a table, restore
	@bin/demo

bench-archive: build ## measures the archive beside pgBackRest (STORE=both ROUNDS=3 SCALE=100 CONTESTS=)
	@bin/bench-archive $(or $(STORE),both) $(or $(ROUNDS),3) $(or $(SCALE),100) $(CONTESTS)

bench-failover: build ## measures what clients see of a lost primary, beside Patroni (ROUNDS=5 SIDES= FAULTS=)
	@bin/bench-failover $(or $(ROUNDS),5) '$(SIDES)' '$(FAULTS)'

soak: build ## random faults against a local cluster, no acknowledged row lost (SEED= DURATION=3600 seconds)
	@bin/soak $(or $(SEED),$(shell date +%s)) $(or $(DURATION),3600)

format: prepare ## brings the code into the house's form
	@$(MAVEN) -q spotless:apply

clean: ## removes what was built
	@rm -rf target ./*/target
