#!/bin/sh
# A merchant's client in a second language: openssl and a shell, by the scheme alone.
#   platform-client.sh seal   MERCHANT.pem PLATFORM.pub < parameters   two lines: data, sign
#   platform-client.sh open   MERCHANT.pem PLATFORM.pub < data-and-sign the text, or exit 1 when its signature is wrong
set -eu
what=$1 own=$2 theirs=$3
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

url64() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }
plain64() { # padding back on, and the other alphabet
  text=$(tr -- '-_' '+/')
  while [ $((${#text} % 4)) -ne 0 ]; do text="$text="; done
  printf '%s' "$text" | openssl base64 -d -A
}
md5hex() { openssl dgst -md5 -r "$1" | cut -c1-32 | tr -d '\n'; }
size() { wc -c < "$1" | tr -d ' '; }

case $what in
  seal)
    cat > "$dir/text"
    : > "$dir/data"
    at=0
    while [ "$at" -lt "$(size "$dir/text")" ]; do
      dd if="$dir/text" of="$dir/chunk" bs=1 skip="$at" count=245 2> /dev/null
      openssl pkeyutl -encrypt -pubin -inkey "$theirs" -in "$dir/chunk" >> "$dir/data"
      at=$((at + 245))
    done
    url64 < "$dir/data"
    echo
    md5hex "$dir/text" > "$dir/base"
    openssl dgst -sha256 -sign "$own" "$dir/base" | url64
    echo
    ;;
  open)
    IFS= read -r data
    IFS= read -r sign
    printf '%s' "$data" | plain64 > "$dir/data"
    printf '%s' "$sign" | plain64 > "$dir/sign"
    : > "$dir/text"
    at=0
    while [ "$at" -lt "$(size "$dir/data")" ]; do
      dd if="$dir/data" of="$dir/block" bs=1 skip="$at" count=256 2> /dev/null
      openssl pkeyutl -decrypt -inkey "$own" -in "$dir/block" >> "$dir/text"
      at=$((at + 256))
    done
    md5hex "$dir/text" > "$dir/base"
    openssl dgst -sha256 -verify "$theirs" -signature "$dir/sign" "$dir/base" > /dev/null
    cat "$dir/text"
    ;;
esac
