#!/usr/bin/env bash
# Puts the certificate in $CERTIFICATE (a P12 file as base64) into a keychain of this run's own.
set -euo pipefail
umask 077

folder=$(mktemp -d)
trap 'rm -f "$folder/certificate.p12"' EXIT
keychain="$folder/signing.keychain-db"
password=$(uuidgen)
base64 --decode <<<"$CERTIFICATE" >"$folder/certificate.p12"

security create-keychain -p "$password" "$keychain"
security set-keychain-settings -lut 3600 "$keychain"
security unlock-keychain -p "$password" "$keychain"
# Without a window it takes the certificate's password as an argument only: for a moment, on a
# computer that nobody else is on and that ends with this run.
security import "$folder/certificate.p12" -k "$keychain" -P "$CERTIFICATE_PASSWORD" -T /usr/bin/codesign
security set-key-partition-list -S apple-tool:,apple: -s -k "$password" "$keychain" >/dev/null
security list-keychains -d user -s "$keychain" login.keychain-db
