#!/usr/bin/env bash
# The deployment guide's verification checklist, against a running gateway: one line for each check.
set -euo pipefail
# shellcheck source=deploy/scripts/settings.sh
source "$(dirname "${BASH_SOURCE[0]}")/settings.sh"

USAGE='usage: verify.sh [URL] [--env dev|staging|prod] [--project ID] [--region REGION] [--model MODEL] [--format text|json]

  URL      the gateway; without it the service that is deployed
  --env    what the gateway must say it is; without it the strict rules apply unless it says dev
  --model  the model for the routing and the chat check; without it the first of /v1/models

GATEWAY_API_KEY is sent as the client key; CLOUD_RUN_TOKEN, an identity token (gcloud auth print-identity-token), to a
service that is not open to everybody. The chat check makes one call of a few tokens to a provider.
Exit code: 0 when no check failed, 1 when one did, 2 for wrong arguments.'

PATIENCE_S=${VERIFY_PATIENCE_S:-30} # for the delivery of the decision event, and for telemetry
TIMEOUT_S=${VERIFY_TIMEOUT_S:-60}
FAILED=0
RESULTS=()

main() {
  local url='' project='' region='' model=''
  ENVIRONMENT='' FORMAT=text
  while [[ $# -gt 0 ]]; do
    case $1 in
      --env) ENVIRONMENT=$(value_of "$@"); shift 2 ;;
      --project) project=$(value_of "$@"); shift 2 ;;
      --region) region=$(value_of "$@"); shift 2 ;;
      --model) model=$(value_of "$@"); shift 2 ;;
      --format) FORMAT=$(value_of "$@"); shift 2 ;;
      -h | --help) printf '%s\n' "$USAGE"; exit 0 ;;
      http://* | https://*) url=${1%/}; shift ;;
      *) usage_error "unknown argument $1" ;;
    esac
  done
  [[ $FORMAT == text || $FORMAT == json ]] || usage_error "--format is text or json, not $FORMAT"
  need curl python3
  URL=${url:-$(deployed_url "${ENVIRONMENT:-dev}" "$project" "$region")}
  SCRATCH=$(mktemp -d)
  trap 'rm -rf "$SCRATCH"' EXIT
  # In a file, not an argument: arguments are visible to every process of the machine.
  (umask 077 && printf 'header = "Authorization: Bearer %s"\n' "${GATEWAY_API_KEY-}" >"$SCRATCH/key")
  # Cloud Run's own check takes this header first and leaves Authorization to the gateway.
  : >"$SCRATCH/caller"
  if [[ -n ${CLOUD_RUN_TOKEN-} ]]; then
    (umask 077 && printf 'header = "X-Serverless-Authorization: Bearer %s"\n' "$CLOUD_RUN_TOKEN" >"$SCRATCH/caller")
  fi

  run_checks "$model"
  if [[ $FORMAT == json ]]; then expect report "$URL" "${RESULTS[@]}"; fi
  [[ $FAILED -eq 0 ]] || exit 1
}

deployed_url() {
  local project url
  need gcloud
  load_settings "$1"
  project=${2:-$(default_project)}
  url=$(gcloud run services describe "$SERVICE" --project "$project" \
    --region "${3:-${SETTINGS[REGION]}}" --quiet --format='value(status.url)') && [[ -n $url ]] ||
    stop "$SERVICE cannot be found in '$project', ${3:-${SETTINGS[REGION]}}" 'name the URL: verify.sh URL'
  printf '%s' "$url"
}

run_checks() {
  local model=$1
  check health GET /health '' "$ENVIRONMENT"
  # Without --env the gateway's own word counts; whatever cannot be read is held to the strict rules.
  if [[ -z $ENVIRONMENT ]]; then ENVIRONMENT=$(expect environment "$SCRATCH/body") || ENVIRONMENT=; fi
  check live GET /live
  check ready GET /ready
  check agents GET /agents
  check models GET /v1/models
  if [[ -z $model ]]; then model=$(expect first_model "$SCRATCH/body") || model=; fi
  check inspect GET /agents/inspect '' "${GATEWAY_API_KEY:+key}"
  check status GET /agents/status '' "$ENVIRONMENT"
  cp "$SCRATCH/body" "$SCRATCH/status-before"
  check route POST /agents/route "$(expect route_body "$model")"
  cp "$SCRATCH/body" "$SCRATCH/routed"
  check_delivery
  check_chat "$model"
  check_telemetry
  check metrics GET /metrics
  check_auth "$model"
}

# ask METHOD PATH [BODY]: sets STATUS, 000 when nothing answered; the answer is in $SCRATCH/body.
ask() {
  local key=() data=()
  if [[ -n ${GATEWAY_API_KEY-} && ${AS-} != nobody ]]; then key=(--config "$SCRATCH/key"); fi
  if [[ -n ${3-} ]]; then data=(-H 'Content-Type: application/json' --data-binary "$3"); fi
  : >"$SCRATCH/body"
  STATUS=$(curl --silent --show-error --max-time "$TIMEOUT_S" --request "$1" --config "$SCRATCH/caller" "${key[@]}" "${data[@]}" \
    --output "$SCRATCH/body" --write-out '%{http_code}' "$URL$2" 2>"$SCRATCH/error") || STATUS=000
}

# check NAME METHOD PATH [BODY] [ARGUMENT]: the answer must be 200 and what expectations.py wants of NAME.
check() {
  local reason
  ask "$2" "$3" "${4-}"
  if [[ $STATUS == 000 ]]; then
    report "$1" fail "no answer from $URL$3: $(head -n 1 "$SCRATCH/error")"
  elif reason=$(expect "$1" "$SCRATCH/body" "$STATUS" "${5-}"); then
    report "$1" pass "$reason"
  else
    report "$1" fail "$2 $3: $reason"
  fi
}

# The decision that the route check asked for must be in the store, and ruvector-service must have taken it.
check_delivery() {
  DECISION=$(expect decision_id "$SCRATCH/routed") || {
    report decision-event fail 'there is no decision to look for: the route check failed'
    return
  }
  eventually decision-event look_for_delivery
}

look_for_delivery() {
  ask GET "/v1/decisions/$DECISION"
  cp "$SCRATCH/body" "$SCRATCH/decision"
  ask GET /agents/status
  expect delivery "$SCRATCH/decision" "$SCRATCH/status-before" "$SCRATCH/body" "$DECISION" "$ENVIRONMENT"
}

# The chat must have been told to LLM-Observatory, and no other peer that is told may be away.
check_telemetry() {
  if ! grep -q '^chat pass' <<<"$(printf '%s\n' "${RESULTS[@]}")"; then
    report telemetry skip 'there was no chat to tell of (see chat)'
    return
  fi
  eventually telemetry look_for_telemetry
}

look_for_telemetry() {
  ask GET /agents/status
  expect telemetry "$SCRATCH/status-before" "$SCRATCH/body" "$ENVIRONMENT"
}

# eventually NAME LOOK: asked again until it is there: delivery is asynchronous, and another instance may be the
# one that answers.
eventually() {
  local reason verdict=1 deadline=$((SECONDS + PATIENCE_S))
  while :; do
    reason=$("$2") && verdict=0 || verdict=$?
    [[ $verdict -eq 1 && $SECONDS -lt $deadline ]] || break
    sleep 1
  done
  case $verdict in
    0) report "$1" pass "$reason" ;;
    3) report "$1" skip "$reason" ;;
    *) report "$1" fail "$reason" ;;
  esac
}

check_chat() {
  if grep -q '^ready fail' <<<"$(printf '%s\n' "${RESULTS[@]}")"; then
    report chat skip 'no provider is live (see ready)'
    return
  fi
  check chat POST /v1/chat/completions "$(expect chat_body "$1")"
}

check_auth() {
  AS=nobody ask POST /v1/chat/completions "$(expect chat_body "$1")"
  case "$STATUS $ENVIRONMENT ${GATEWAY_API_KEY:+key}" in
    401*) report auth pass 'refused without a client key (401)' ;;
    000*) report auth fail "no answer from $URL/v1/chat/completions: $(head -n 1 "$SCRATCH/error")" ;;
    *" dev ") report auth skip 'open: dev, without client keys' ;;
    *) report auth fail "without a client key the answer is $STATUS, not 401: set the secret gateway-client-keys" ;;
  esac
}

# report NAME pass|fail|skip REASON
report() {
  RESULTS+=("$1 $2 $3")
  if [[ $2 == fail ]]; then FAILED=1; fi
  if [[ $FORMAT == text ]]; then printf '%-4s  %-14s  %s\n' "$2" "$1" "$3"; fi
}

# -I -S: nothing of the operator's Python set-up takes part.
expect() { python3 -I -S "$DEPLOY_DIR/scripts/expectations.py" "$@"; }

main "$@"
