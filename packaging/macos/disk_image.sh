#!/usr/bin/env bash
# Makes dist/algovera-desktop-VERSION-macos-ARCHITECTURE.dmg of the program in dist/.
# With $SIGNING_IDENTITY it is signed. With a key of App Store Connect, $APPLE_KEY (the P8 file's
# text), $APPLE_KEY_ID and $APPLE_KEY_ISSUER, it is notarised.
set -euo pipefail
cd "$(dirname "$0")/../.."

program="dist/Algovera Desktop.app"
version=$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' algovera_desktop/__init__.py)
image="dist/algovera-desktop-$version-macos-$(uname -m).dmg"

# The entitlements, in a file that may hold no comment: OpenVINO writes the code that it runs for the
# processor it finds, and Qt's licence lets everybody put their own build of it in the place of ours.
# Only programs take them; a library that has some may be refused.
sign() { codesign --force --timestamp --options runtime --sign "$SIGNING_IDENTITY" "$@"; }
sign_program() { sign --entitlements packaging/macos/entitlements.plist "$1"; }

if [ -n "${SIGNING_IDENTITY:-}" ]; then
    # From the inside out: libraries, frameworks, which are signed whole, and what holds them.
    while IFS= read -r -d '' part; do
        sign "$part"
    done < <(find "$program/Contents" -type f \( -name '*.dylib' -o -name '*.so' \) -print0)
    while IFS= read -r -d '' part; do
        sign "$part"
    done < <(find "$program/Contents" -type d -name '*.framework' -print0)
    sign_program "$program/Contents/MacOS/algovera-server"
    sign_program "$program" # and, as the first of its programs, algovera-desktop
    codesign --verify --deep --strict "$program"
fi

content=$(mktemp -d)
cp -R "$program" "$content/"
ln -s /Applications "$content/Applications"
hdiutil create -volname "Algovera Desktop $version" -srcfolder "$content" -fs HFS+ -format ULFO -ov "$image"
rm -r "$content"

if [ -n "${SIGNING_IDENTITY:-}" ]; then
    codesign --timestamp --sign "$SIGNING_IDENTITY" "$image"
fi
if [ -n "${APPLE_KEY:-}" ]; then
    # A file and not a password: notarytool waits for minutes, with its arguments in everybody's view.
    key=$(mktemp)
    trap 'rm -f "$key"' EXIT
    printf '%s\n' "$APPLE_KEY" >"$key"
    xcrun notarytool submit "$image" --wait \
        --key "$key" --key-id "$APPLE_KEY_ID" --issuer "$APPLE_KEY_ISSUER"
    xcrun stapler staple "$image"
fi
