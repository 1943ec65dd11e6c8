#!/usr/bin/env bash
# The least rights of each part, for one user a part: User:newswire-feed, User:newswire-prepare, ...
# KAFKA=host:port ADMIN=admin.properties deploy/acls.sh   (PREFIX, USERS: other topic prefix, other first part of users)
# Written by `python tests/support/acls.py` from streams/kafka/acls.py.
set -euo pipefail
PREFIX=${PREFIX:-news} USERS=${USERS:-newswire}
acls() { "${KAFKA_ACLS:-kafka-acls.sh}" --bootstrap-server "$KAFKA" --command-config "$ADMIN" --add "$@"; }

# `feed`, `generate --to-kafka`, and every feeder of your own
acls --allow-principal "User:$USERS-feed" --operation Write --topic "$PREFIX.raw"

# `worker --stage prepare`
acls --allow-principal "User:$USERS-prepare" --operation Read --topic "$PREFIX.raw"
acls --allow-principal "User:$USERS-prepare" --operation Write --topic "$PREFIX.internal.items"
acls --allow-principal "User:$USERS-prepare" --operation Read --group newswire-prepare

# `worker --stage decide`, releases of embargoes included
acls --allow-principal "User:$USERS-decide" --operation Read --operation Write --topic "$PREFIX.internal.items" --topic "$PREFIX.internal.state" --topic "$PREFIX.decisions"
acls --allow-principal "User:$USERS-decide" --operation Write --topic "$PREFIX.latest" --topic "$PREFIX.companies" --topic "$PREFIX.markets" --topic "$PREFIX.economy-forex" --topic "$PREFIX.commodities" --topic "$PREFIX.interest-rates" --topic "$PREFIX.business-leaders" --topic "$PREFIX.finance-pro" --topic "$PREFIX.calendar" --topic "$PREFIX.sectors" --topic "$PREFIX.companies.analyst-recommendations" --topic "$PREFIX.companies.rumors" --topic "$PREFIX.companies.ipos" --topic "$PREFIX.companies.capital-markets-transactions" --topic "$PREFIX.companies.new-contracts" --topic "$PREFIX.companies.profit-warnings" --topic "$PREFIX.companies.appointments" --topic "$PREFIX.companies.press-releases" --topic "$PREFIX.companies.events" --topic "$PREFIX.companies.corporate-actions" --topic "$PREFIX.duplicates" --topic "$PREFIX.withheld" --topic "$PREFIX.dead-letters"
acls --allow-principal "User:$USERS-decide" --operation Read --group newswire-decide
acls --allow-principal "User:$USERS-decide" --operation Write --transactional-id newswire-decide. --resource-pattern-type prefixed

# `gateway` and `tail`
acls --allow-principal "User:$USERS-gateway" --operation Read --topic "$PREFIX.latest" --topic "$PREFIX.companies" --topic "$PREFIX.markets" --topic "$PREFIX.economy-forex" --topic "$PREFIX.commodities" --topic "$PREFIX.interest-rates" --topic "$PREFIX.business-leaders" --topic "$PREFIX.finance-pro" --topic "$PREFIX.calendar" --topic "$PREFIX.sectors" --topic "$PREFIX.companies.analyst-recommendations" --topic "$PREFIX.companies.rumors" --topic "$PREFIX.companies.ipos" --topic "$PREFIX.companies.capital-markets-transactions" --topic "$PREFIX.companies.new-contracts" --topic "$PREFIX.companies.profit-warnings" --topic "$PREFIX.companies.appointments" --topic "$PREFIX.companies.press-releases" --topic "$PREFIX.companies.events" --topic "$PREFIX.companies.corporate-actions" --topic "$PREFIX.duplicates"
acls --allow-principal "User:$USERS-gateway" --operation Read --group newswire-webhook. --resource-pattern-type prefixed

# `desk`, `dead-letters`, `replay --diff` and `--apply`: what people do
acls --allow-principal "User:$USERS-desk" --operation Read --operation Write --topic "$PREFIX.raw" --topic "$PREFIX.internal.items" --topic "$PREFIX.internal.replays"
acls --allow-principal "User:$USERS-desk" --operation Read --topic "$PREFIX.internal.state" --topic "$PREFIX.latest" --topic "$PREFIX.companies" --topic "$PREFIX.markets" --topic "$PREFIX.economy-forex" --topic "$PREFIX.commodities" --topic "$PREFIX.interest-rates" --topic "$PREFIX.business-leaders" --topic "$PREFIX.finance-pro" --topic "$PREFIX.calendar" --topic "$PREFIX.sectors" --topic "$PREFIX.companies.analyst-recommendations" --topic "$PREFIX.companies.rumors" --topic "$PREFIX.companies.ipos" --topic "$PREFIX.companies.capital-markets-transactions" --topic "$PREFIX.companies.new-contracts" --topic "$PREFIX.companies.profit-warnings" --topic "$PREFIX.companies.appointments" --topic "$PREFIX.companies.press-releases" --topic "$PREFIX.companies.events" --topic "$PREFIX.companies.corporate-actions" --topic "$PREFIX.duplicates" --topic "$PREFIX.withheld" --topic "$PREFIX.dead-letters" --topic "$PREFIX.decisions"
acls --allow-principal "User:$USERS-desk" --operation Describe --group newswire-prepare --group newswire-decide

# `check`, `status`, `why`, `audit`, `export`: looks at everything and changes nothing
acls --allow-principal "User:$USERS-watch" --operation Read --operation DescribeConfigs --topic "$PREFIX.raw" --topic "$PREFIX.internal.items" --topic "$PREFIX.internal.state" --topic "$PREFIX.internal.replays" --topic "$PREFIX.latest" --topic "$PREFIX.companies" --topic "$PREFIX.markets" --topic "$PREFIX.economy-forex" --topic "$PREFIX.commodities" --topic "$PREFIX.interest-rates" --topic "$PREFIX.business-leaders" --topic "$PREFIX.finance-pro" --topic "$PREFIX.calendar" --topic "$PREFIX.sectors" --topic "$PREFIX.companies.analyst-recommendations" --topic "$PREFIX.companies.rumors" --topic "$PREFIX.companies.ipos" --topic "$PREFIX.companies.capital-markets-transactions" --topic "$PREFIX.companies.new-contracts" --topic "$PREFIX.companies.profit-warnings" --topic "$PREFIX.companies.appointments" --topic "$PREFIX.companies.press-releases" --topic "$PREFIX.companies.events" --topic "$PREFIX.companies.corporate-actions" --topic "$PREFIX.duplicates" --topic "$PREFIX.withheld" --topic "$PREFIX.dead-letters" --topic "$PREFIX.decisions"
acls --allow-principal "User:$USERS-watch" --operation Describe --group newswire-prepare --group newswire-decide

# `archive`: reads what it keeps, and withdrawals
acls --allow-principal "User:$USERS-archive" --operation Read --topic "$PREFIX.raw" --topic "$PREFIX.internal.items" --topic "$PREFIX.decisions" --topic "$PREFIX.latest"

# `topics plan`, `topics apply`
acls --allow-principal "User:$USERS-admin" --operation Create --operation Describe --operation Alter --operation DescribeConfigs --operation AlterConfigs --topic "$PREFIX.raw" --topic "$PREFIX.internal.items" --topic "$PREFIX.internal.state" --topic "$PREFIX.internal.replays" --topic "$PREFIX.latest" --topic "$PREFIX.companies" --topic "$PREFIX.markets" --topic "$PREFIX.economy-forex" --topic "$PREFIX.commodities" --topic "$PREFIX.interest-rates" --topic "$PREFIX.business-leaders" --topic "$PREFIX.finance-pro" --topic "$PREFIX.calendar" --topic "$PREFIX.sectors" --topic "$PREFIX.companies.analyst-recommendations" --topic "$PREFIX.companies.rumors" --topic "$PREFIX.companies.ipos" --topic "$PREFIX.companies.capital-markets-transactions" --topic "$PREFIX.companies.new-contracts" --topic "$PREFIX.companies.profit-warnings" --topic "$PREFIX.companies.appointments" --topic "$PREFIX.companies.press-releases" --topic "$PREFIX.companies.events" --topic "$PREFIX.companies.corporate-actions" --topic "$PREFIX.duplicates" --topic "$PREFIX.withheld" --topic "$PREFIX.dead-letters" --topic "$PREFIX.decisions"

# `topics roll`, once a day
acls --allow-principal "User:$USERS-roll" --operation Read --operation Write --topic "$PREFIX.latest" --topic "$PREFIX.companies" --topic "$PREFIX.markets" --topic "$PREFIX.economy-forex" --topic "$PREFIX.commodities" --topic "$PREFIX.interest-rates" --topic "$PREFIX.business-leaders" --topic "$PREFIX.finance-pro" --topic "$PREFIX.calendar" --topic "$PREFIX.sectors" --topic "$PREFIX.companies.analyst-recommendations" --topic "$PREFIX.companies.rumors" --topic "$PREFIX.companies.ipos" --topic "$PREFIX.companies.capital-markets-transactions" --topic "$PREFIX.companies.new-contracts" --topic "$PREFIX.companies.profit-warnings" --topic "$PREFIX.companies.appointments" --topic "$PREFIX.companies.press-releases" --topic "$PREFIX.companies.events" --topic "$PREFIX.companies.corporate-actions" --topic "$PREFIX.withheld"

# kminion beside Prometheus: the lag of every consumer group, of other teams too
acls --allow-principal "User:$USERS-lag" --operation Describe --group '*'
acls --allow-principal "User:$USERS-lag" --operation Describe --topic "$PREFIX." --resource-pattern-type prefixed
