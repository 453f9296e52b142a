#!/usr/bin/env bash
# Fetches the zip of a release, if GitHub must have attested it; otherwise `release verify` fetches what it needs.
# Reads RELEASE, a path or URL, ATTESTED_BY and RUNNER_TEMP. Writes the output `path`.
set -euo pipefail

case $RELEASE in
  *[[:cntrl:]]*)
    echo "::error::The release is not one line of text."
    exit 1
    ;;
esac
path=$RELEASE
if [ -n "$ATTESTED_BY" ]; then
  case $RELEASE in
    http://*.zip | https://*.zip)
      path=$(mktemp -d "$RUNNER_TEMP/verify.XXXXXX")/release.zip
      # Redirects are followed, as those of GitHub to its storage, but never to another scheme than https.
      curl --fail --silent --show-error --location --proto '=http,https' --proto-redir '=https' \
        --retry 3 --max-time 3600 --max-redirs 5 --output "$path" -- "$RELEASE"
      ;;
    *.zip) ;;
    *)
      echo "::error::GitHub attests the zip of a release: expected a path or a URL that ends with .zip."
      exit 1
      ;;
  esac
fi
echo "path=$path" >> "$GITHUB_OUTPUT"
