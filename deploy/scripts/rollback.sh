#!/usr/bin/env bash
# Give all traffic back to the last revision that was verified, or to the one that is named.
set -euo pipefail
# shellcheck source=deploy/scripts/settings.sh
source "$(dirname "${BASH_SOURCE[0]}")/settings.sh"

USAGE='usage: rollback.sh [REVISION] [--list] [--yes] [--env dev|staging|prod] [--project ID] [--region REGION]

  REVISION  the revision to go back to, verified or not; without it the last one verified before what serves now
  --list    the verified revisions, newest first, and nothing else
  --yes     do not ask; without a terminal nobody is asked'

main() {
  local revision='' list=no ask=yes environment=dev project='' region=''
  while [[ $# -gt 0 ]]; do
    case $1 in
      --list) list=yes; shift ;;
      --yes | -y) ask=no; shift ;;
      --env) environment=$(value_of "$@"); shift 2 ;;
      --project) project=$(value_of "$@"); shift 2 ;;
      --region) region=$(value_of "$@"); shift 2 ;;
      -h | --help) printf '%s\n' "$USAGE"; exit 0 ;;
      -*) usage_error "unknown argument $1" ;;
      *)
        [[ -z $revision ]] || usage_error "one revision, not $revision and $1"
        revision=$1
        shift
        ;;
    esac
  done
  need gcloud
  load_settings "$environment"
  project=${project:-$(default_project)} region=${region:-${SETTINGS[REGION]}}
  local traffic serving
  traffic=$(traffic_of "$project" "$region") || stop "$SERVICE cannot be found in '$project', $region"
  serving=$(awk -F, '$2 > 0 {print $1}' <<<"$traffic" | sort -u)

  if [[ $list == yes ]]; then
    list_verified "$traffic" "$serving"
    return
  fi
  revision=${revision:-$(last_verified "$traffic" "$serving")}
  [[ -n $revision ]] || stop 'no other revision was ever verified: nothing to go back to' \
    "gcloud run revisions list --service $SERVICE --project $project --region $region" \
    'rollback.sh REVISION goes to one of them all the same'
  [[ $revision != "$serving" ]] || stop "$revision serves all traffic already"
  gcloud run revisions describe "$revision" --project "$project" --region "$region" --quiet \
    --format='value(metadata.name)' >/dev/null || stop "there is no revision '$revision' of $SERVICE in '$project'"
  confirm "$ask" "$revision" "$serving"
  gcloud run services update-traffic "$SERVICE" --project "$project" --region "$region" --quiet \
    --to-revisions="$revision=100" || stop "traffic could not be moved to $revision; it is where it was"
  step "$revision serves all traffic"
}

# "tag,revision" lines, newest verification first: the tag ends with its time. One line for each revision.
verified() {
  awk -F, '$3 ~ /^verified-/ {print $3 "," $1}' <<<"$1" | sort -r | awk -F, '!seen[$2]++'
}

list_verified() {
  local tag revision
  while IFS=, read -r tag revision; do
    [[ -n $revision ]] || continue
    printf '%s  verified %s' "$revision" "${tag#verified-}"
    if grep -qx "$revision" <<<"$2"; then printf '  serves now'; fi
    printf '\n'
  done < <(verified "$1")
}

# The newest that was verified before what serves now; what was verified after it has been left already.
# When what serves was never verified: the newest.
last_verified() {
  local tag revision newest='' passed=no
  while IFS=, read -r tag revision; do
    [[ -n $revision ]] || continue
    if grep -qx "$revision" <<<"$2"; then
      passed=yes
    elif [[ $passed == yes ]]; then
      printf '%s' "$revision"
      return
    else
      newest=${newest:-$revision}
    fi
  done < <(verified "$1")
  if [[ $passed == no ]]; then printf '%s' "$newest"; fi
}

confirm() {
  local answer
  step "from ${3//$'\n'/, } to $2"
  [[ $1 == yes && -t 0 ]] || return 0
  read -r -p 'Move all traffic? [y/N] ' answer
  [[ $answer == [yY]* ]] || stop 'nothing was changed'
}

main "$@"
