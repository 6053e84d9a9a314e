#!/bin/sh
# Run as root in a container without a network: makes the credentials that are missing or expire soon (below /state/made, root's alone) and puts into
# /state/out/NAME what NAME may see, readable by its own user only. A file is replaced whole, so a running service reads the old one or the new one.
set -eu
umask 077

/app/bin/tocsin admin credentials make --out /state/made --channel sms email \
  --host kafka-a kafka-b kafka-w mongo-a mongo-b mongo-w gateway tenants subscribers campaigns deliveries localhost

# What is sealed cannot be read without the platform key: made once, never replaced.
[ -s /state/platform.key ] || { od -An -tx1 -N32 /dev/urandom | tr -d ' \n' >/state/new && mv /state/new /state/platform.key; }
# By which the members of the replica set know each other.
[ -s /state/replica.key ] || { head -c 384 /dev/urandom | base64 | tr -d '\n' >/state/new && mv /state/new /state/replica.key; }

# hand NAME USER FILE [AS]: a copy for NAME alone.
hand() {
  install -d -m 0700 -o "$2" -g "$2" "/state/out/$1"
  install -m 0400 -o "$2" -g "$2" "$3" "/state/out/$1/.new"
  mv "/state/out/$1/.new" "/state/out/$1/${4:-$(basename "$3")}"
}

# Users as deploy/compose.yaml and the images of Kafka and MongoDB have them.
while read -r name user; do
  for file in "/state/made/$name"/*; do hand "$name" "$user" "$file"; done
  case "$name" in
    kafka) ;;
    store)
      hand store "$user" /state/replica.key
      hand store "$user" /state/made/admin/mongo.password admin.password
      ;;
    *) hand "$name" "$user" /state/platform.key ;;
  esac
done <<'USERS'
kafka 1000
store 999
gateway 10001
tenants 10002
subscribers 10003
campaigns 10004
routing 10005
deliveries 10006
channel-sms 10007
channel-email 10008
USERS
