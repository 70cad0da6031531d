# shellcheck shell=bash
# What deploy.sh, verify.sh and rollback.sh share: the service's name, deploy/env/<env>.yaml, and how to say what is wrong.

SERVICE=llm-inference-gateway
DEPLOY_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# No command of gcloud may wait for an answer that nobody can give.
export CLOUDSDK_CORE_DISABLE_PROMPTS=1
declare -A SETTINGS=()

step() { printf '==> %s\n' "$*" >&2; }

# stop MESSAGE [WHAT TO DO]
stop() {
  printf 'error: %s\n' "$1" >&2
  if [[ $# -gt 1 ]]; then printf '  %s\n' "${@:2}" >&2; fi
  exit 1
}

# usage MESSAGE: exit code 2, as every command of the gateway has it.
usage_error() {
  printf 'error: %s\n%s\n' "$1" "$USAGE" >&2
  exit 2
}

need() {
  local name
  for name in "$@"; do
    command -v "$name" >/dev/null || stop "$name is not installed, or not on PATH"
  done
}

# value_of FLAG [VALUE]: the value, or a usage error that names the flag.
value_of() {
  [[ $# -ge 2 && -n $2 && $2 != --* ]] || usage_error "$1 needs a value"
  printf '%s' "$2"
}

# load_settings ENV: fills SETTINGS from flat `KEY: value` lines; anything else in the file is an error.
load_settings() {
  local file="$DEPLOY_DIR/env/$1.yaml" line name number=0
  [[ -f $file ]] || stop "there is no environment '$1'" "known: $(known_environments)"
  while IFS= read -r line || [[ -n $line ]]; do
    number=$((number + 1))
    [[ $line =~ ^[[:space:]]*(#.*)?$ ]] && continue
    [[ $line =~ ^([A-Z][A-Z0-9_]*):\ +\"?([^\"#]*[^\"#[:space:]])\"?[[:space:]]*$ ]] ||
      stop "$file:$number is not KEY: value: $line"
    SETTINGS[${BASH_REMATCH[1]}]=${BASH_REMATCH[2]}
  done <"$file"
  for name in PROJECT REGION PLATFORM_ENV BASE_IMAGE CLIENT_KEYS ALLOW_UNAUTHENTICATED; do
    [[ -n ${SETTINGS[$name]-} ]] || stop "$file has no $name"
  done
}

known_environments() {
  local file names=()
  for file in "$DEPLOY_DIR"/env/*.yaml; do names+=("$(basename "$file" .yaml)"); done
  printf '%s' "${names[*]}"
}

# The revisions that have traffic or a tag, one "revision,percent,tag" a line. Fails when gcloud does.
traffic_of() {
  gcloud run services describe "$SERVICE" --project "$1" --region "$2" --quiet \
    --flatten='status.traffic[]' \
    --format='csv[no-heading](status.traffic.revisionName,status.traffic.percent,status.traffic.tag)'
}

# The project to work on without --project: gcloud's own, else that of the environment.
default_project() {
  local project
  project=$(gcloud config get-value project --quiet 2>/dev/null) || project=
  [[ -n $project && $project != '(unset)' ]] || project=${SETTINGS[PROJECT]}
  printf '%s' "$project"
}
