#!/bin/sh
# Makes the secrets that compose.yaml hands to the containers; what is there already stays.
set -eu
cd "$(dirname "$0")"
umask 077
mkdir -p secrets
cd secrets
random() { head -c 36 /dev/urandom | base64 | tr '+/' '-_'; }
[ -s secret_key ] || random > secret_key
[ -s postgres_password ] || random > postgres_password
[ -s database_url ] || printf 'postgresql+asyncpg://outreach:%s@postgres/outreach\n' "$(cat postgres_password)" > database_url
# The folder is closed to everybody else; within the containers users of other numbers read the files.
chmod 644 secret_key postgres_password database_url
echo "secrets/ 中的密钥已备好。请备份 secret_key。"
