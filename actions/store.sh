#!/usr/bin/env bash
# The store that a release is published in: `store.sh fetch` gets the releases before, `store.sh publish` pushes.
#
# With BRANCH, the store is the folder FOLDER of that branch; it is made if it is not there. Without, it has the
# latest release of GitHub alone, so that the new one is compared with it. Reads GITHUB_REPOSITORY,
# GITHUB_SERVER_URL, GITHUB_TOKEN and RUNNER_TEMP; `fetch` also PYTHON, PYTHONPATH and PREFIX, `publish` also WORK and
# TITLE.
# `fetch` writes the outputs `work`, a new folder, and `store`, the folder of the store in it.
set -euo pipefail

url=$GITHUB_SERVER_URL/$GITHUB_REPOSITORY.git

# The token goes to git by its environment: it stands in no file, in no argument, and in no message.
authorization=$(printf 'x-access-token:%s' "$GITHUB_TOKEN" | base64 | tr -d '\n')
echo "::add-mask::$authorization"
export GIT_CONFIG_COUNT=1 GIT_TERMINAL_PROMPT=0
export GIT_CONFIG_KEY_0="http.$GITHUB_SERVER_URL/.extraheader"
export GIT_CONFIG_VALUE_0="AUTHORIZATION: basic $authorization"

fetch_branch() {
  git check-ref-format "refs/heads/$BRANCH" || {
    echo "::error::The branch of the store has no name that git takes."
    exit 1
  }
  local code=0
  git ls-remote --exit-code --quiet "$url" "refs/heads/$BRANCH" > "$1/head" || code=$?
  case $code in
    0) git clone --quiet --depth 1 --single-branch --branch "$BRANCH" -- "$url" "$1/branch" ;;
    2) # there is none yet
      git init --quiet "$1/branch"
      git -C "$1/branch" symbolic-ref HEAD "refs/heads/$BRANCH"
      git -C "$1/branch" remote add origin "$url"
      ;;
    *)
      echo "::error::The branch of the store cannot be fetched."
      exit 1
      ;;
  esac
}

case $1 in
  fetch)
    made=$(mktemp -d "$RUNNER_TEMP/release.XXXXXX")
    if [ -n "$BRANCH" ]; then
      fetch_branch "$made"
      mkdir -p "$made/branch/$FOLDER"
      store=$(cd "$made/branch/$FOLDER" && pwd -P)
      top=$(cd "$made/branch" && pwd -P)
      case $store/ in
        "$top"/*) ;;
        *)
          echo "::error::The folder of the store is not in the branch."
          exit 1
          ;;
      esac
    else
      store=$made/store
      "$PYTHON" -P -m actions.github.last_store "$made"
      if [ -d "$store" ]; then
        "$PYTHON" -I -m release reindex "$store"
      fi
    fi
    {
      echo "work=$made"
      echo "store=$store"
    } >> "$GITHUB_OUTPUT"
    ;;
  publish)
    cd "$WORK/branch"
    touch .nojekyll # else GitHub's pages would make other files of the records in a release
    git add --all --force .
    if git diff --cached --quiet; then
      echo "the branch has it already"
      exit 0
    fi
    git -c user.name='github-actions[bot]' \
      -c user.email='41898282+github-actions[bot]@users.noreply.github.com' \
      commit --quiet --message "$TITLE"
    git push --quiet origin "HEAD:refs/heads/$BRANCH" || {
      echo "::error::The branch cannot be pushed. If another job has written to it, run this one again; the job" \
        "needs \`permissions: contents: write\`."
      exit 1
    }
    ;;
esac
