#!/usr/bin/env bash
# Build, push, deploy without traffic, verify, and only then give the new revision the traffic.
set -euo pipefail
# shellcheck source=deploy/scripts/settings.sh
source "$(dirname "${BASH_SOURCE[0]}")/settings.sh"

USAGE='usage: deploy.sh --env dev|staging|prod [--project ID] [--region REGION] [--skip-build] [--image IMAGE@DIGEST] [--dry-run]

  --skip-build  deploy the image that was pushed last as :latest
  --image       deploy exactly this image, by its digest
  --dry-run     check and render everything, print it, change nothing'

KEPT_VERIFIED=10 # revisions that rollback.sh can go to; the tags of older ones are removed
VERIFIED_TAG=verified-$(date -u +%Y%m%d%H%M%S)
PUBLIC=allUsers
REQUIRED_SECRETS=(ruvector-api-key openai-api-key anthropic-api-key)
OPTIONAL_SECRETS=(google-api-key optimizer-webhook-secret gateway-shared-secret)
ROLES=(
  roles/secretmanager.secretAccessor # read the API keys
  roles/run.invoker                  # call ruvector-service and LLM-Observatory
  roles/logging.logWriter
  roles/monitoring.metricWriter
  roles/cloudtrace.agent
)

main() {
  local environment='' project='' region='' image='' build=yes dry_run=no
  while [[ $# -gt 0 ]]; do
    case $1 in
      --env) environment=$(value_of "$@"); shift 2 ;;
      --project) project=$(value_of "$@"); shift 2 ;;
      --region) region=$(value_of "$@"); shift 2 ;;
      --image) image=$(value_of "$@"); build=no; shift 2 ;;
      --skip-build) build=no; shift ;;
      --dry-run) dry_run=yes; shift ;;
      -h | --help) printf '%s\n' "$USAGE"; exit 0 ;;
      *) usage_error "unknown argument $1" ;;
    esac
  done
  [[ -n $environment ]] || usage_error '--env is missing'
  load_settings "$environment"
  project=${project:-${SETTINGS[PROJECT]}} region=${region:-${SETTINGS[REGION]}}
  need gcloud curl python3

  check_project "$project"
  check_secrets "$project"
  if [[ $dry_run == yes ]]; then
    show_plan "$project" "$region" "$image" "$build"
    return
  fi
  ensure_service_account "$project"
  if [[ $build == yes ]]; then build_and_push "$project"; fi
  image=${image:-$(pushed_image "$project")}
  deploy "$project" "$region" "$image"
}

check_project() {
  step "project $1"
  gcloud projects describe "$1" --quiet --format='value(projectId)' >/dev/null ||
    stop "project '$1' does not exist, or your account may not see it" \
      "gcloud auth list; gcloud projects list"
}

# Only that they exist: no value is read here, and none is ever made up.
check_secrets() {
  local name missing=() listed
  step 'secrets'
  listed=$(gcloud secrets list --project "$1" --quiet --format='value(name.basename())') ||
    stop "the secrets of '$1' cannot be listed" "gcloud services enable secretmanager.googleapis.com --project $1"
  if [[ ${SETTINGS[CLIENT_KEYS]} == required ]]; then
    REQUIRED_SECRETS+=(gateway-client-keys)
  else
    OPTIONAL_SECRETS+=(gateway-client-keys)
  fi
  for name in "${REQUIRED_SECRETS[@]}"; do
    grep -qx "$name" <<<"$listed" || missing+=("printf %s \"\$VALUE\" | gcloud secrets create $name --project $1 --data-file=-")
  done
  [[ ${#missing[@]} -eq 0 ]] || stop "secrets are missing; put each value into VALUE and run" "${missing[@]}"
  ABSENT_SECRETS=()
  for name in "${OPTIONAL_SECRETS[@]}"; do
    grep -qx "$name" <<<"$listed" || ABSENT_SECRETS+=("$name")
  done
}

ensure_service_account() {
  local account="inference-gateway@$1.iam.gserviceaccount.com" role granted
  step "service account $account"
  if ! gcloud iam service-accounts describe "$account" --project "$1" --quiet >/dev/null 2>&1; then
    gcloud iam service-accounts create inference-gateway --project "$1" --quiet \
      --display-name 'LLM inference gateway' || stop "service account $account could not be created"
  fi
  granted=$(gcloud projects get-iam-policy "$1" --quiet --flatten='bindings[].members' \
    --filter="bindings.members:serviceAccount:$account" --format='value(bindings.role)') ||
    stop "the IAM policy of '$1' cannot be read"
  for role in "${ROLES[@]}"; do
    grep -qx "$role" <<<"$granted" && continue
    gcloud projects add-iam-policy-binding "$1" --quiet --condition=None \
      --member "serviceAccount:$account" --role "$role" >/dev/null || stop "$role could not be granted to $account"
  done
}

image_name() { printf 'gcr.io/%s/%s' "$1" "$SERVICE"; }

build_and_push() {
  local image
  image="$(image_name "$1"):latest"
  need docker
  step "build $image"
  docker build -t "$image" -f "$DEPLOY_DIR/cloud-run/Dockerfile" \
    --build-arg "BASE_IMAGE=${SETTINGS[BASE_IMAGE]}" "$DEPLOY_DIR/.." || stop 'the image could not be built'
  step "push $image"
  docker push "$image" || stop "the image could not be pushed" "gcloud auth configure-docker"
}

# By digest: what is verified is what gets the traffic, whatever happens to :latest meanwhile.
pushed_image() {
  gcloud container images describe "$(image_name "$1"):latest" --project "$1" --quiet \
    --format='value(image_summary.fully_qualified_digest)' ||
    stop "there is no image $(image_name "$1"):latest" 'deploy without --skip-build'
}

deploy() {
  local project=$1 region=$2 image=$3 revision traffic file url
  [[ $image == *@sha256:* ]] || stop "'$image' is not an image by digest (NAME@sha256:...)"
  revision=$SERVICE-$(date -u +%Y%m%d-%H%M%S)
  # A failing look-up is not "no service yet": taking it for that would hand the traffic over unverified.
  services_of "$project" "$region"
  traffic=
  if [[ $EXISTS == yes ]]; then
    traffic=$(traffic_of "$project" "$region") || stop "the traffic of $SERVICE cannot be read"
  fi
  file=$(mktemp)
  # shellcheck disable=SC2064 # the name as it is now
  trap "rm -f '$file'" EXIT
  render "$project" "$revision" "$image" "$traffic" >"$file"

  step "deploy $revision"
  gcloud run services replace "$file" --project "$project" --region "$region" --quiet ||
    stop "$revision did not start; traffic is where it was" \
      "gcloud run revisions describe $revision --project $project --region $region" \
      "gcloud logging read 'resource.labels.revision_name=\"$revision\"' --project $project --limit 50"
  admit_callers "$project" "$region"

  url=$(candidate_url "$project" "$region") || url=
  [[ -n $url ]] || stop "$revision has no URL of its own; traffic is where it was"
  step "verify $revision at $url"
  verify "$project" "$url" || failed_verification "$project" "$region" "$revision" "$url" "$traffic"
  give_traffic "$project" "$region" "$revision" "$traffic"
}

# Who may call at all, before the gateway looks at any client key.
admit_callers() {
  local members
  if [[ ${SETTINGS[ALLOW_UNAUTHENTICATED]} == true ]]; then
    gcloud run services add-iam-policy-binding "$SERVICE" --project "$1" --region "$2" --quiet \
      --member "$PUBLIC" --role roles/run.invoker >/dev/null || stop "$SERVICE could not be opened to its clients"
    return
  fi
  members=$(gcloud run services get-iam-policy "$SERVICE" --project "$1" --region "$2" --quiet \
    --flatten='bindings[].members' --format='value(bindings.members)') ||
    stop "the IAM policy of $SERVICE cannot be read"
  if grep -qx "$PUBLIC" <<<"$members"; then
    gcloud run services remove-iam-policy-binding "$SERVICE" --project "$1" --region "$2" --quiet \
      --member "$PUBLIC" --role roles/run.invoker >/dev/null || stop "$SERVICE could not be closed to the public"
  fi
}

services_of() {
  local listed
  listed=$(gcloud run services list --project "$1" --region "$2" --quiet --format='value(metadata.name)') ||
    stop "the services of '$1' in $2 cannot be listed" "gcloud services enable run.googleapis.com --project $1"
  EXISTS=no
  if grep -qx "$SERVICE" <<<"$listed"; then EXISTS=yes; fi
}

candidate_url() {
  gcloud run services describe "$SERVICE" --project "$1" --region "$2" --quiet --flatten='status.traffic[]' \
    --format='csv[no-heading](status.traffic.tag,status.traffic.url)' | awk -F, '$1 == "candidate" {print $2}'
}

# With a client's key when there are client keys, and as a caller that Cloud Run lets in when it asks for one:
# through the environment, never as an argument.
verify() {
  local key='' token=''
  if [[ " ${ABSENT_SECRETS[*]-} " != *' gateway-client-keys '* ]]; then
    key=$(gcloud secrets versions access latest --secret gateway-client-keys --project "$1" --quiet) ||
      stop 'gateway-client-keys cannot be read: verification needs a client key'
  fi
  if [[ ${SETTINGS[ALLOW_UNAUTHENTICATED]} != true ]]; then
    token=$(gcloud auth print-identity-token --quiet) ||
      stop 'there is no identity token: verification needs an account that may call the service' \
        'gcloud auth login, with roles/run.invoker'
  fi
  CLOUD_RUN_TOKEN=$token GATEWAY_API_KEY=${key%%,*} "$DEPLOY_DIR/scripts/verify.sh" "$2" --env "${SETTINGS[PLATFORM_ENV]}"
}

failed_verification() {
  if [[ -z $5 ]]; then
    stop "$3 failed its verification and is the first revision: nothing to go back to" \
      "mend it and deploy again, or remove it: gcloud run services delete $SERVICE --project $1 --region $2"
  fi
  stop "$3 failed its verification; traffic is where it was" "look at it at $4, mend it, deploy again"
}

# The tag says that the revision was verified, and when: rollback.sh goes by it.
give_traffic() {
  local project=$1 region=$2 revision=$3 old
  step "traffic to $revision"
  gcloud run services update-traffic "$SERVICE" --project "$project" --region "$region" --quiet \
    --to-revisions="$revision=100" --update-tags="$VERIFIED_TAG=$revision" ||
    stop "$revision is verified, but traffic could not be moved to it"
  old=$(cut -d, -f3 <<<"$4" | grep '^verified-' | sort -r | tail -n "+$KEPT_VERIFIED" | paste -sd, -) || old=
  gcloud run services update-traffic "$SERVICE" --project "$project" --region "$region" --quiet \
    --remove-tags="candidate${old:+,$old}" || step 'warning: old tags were not removed'
  step "$revision serves all traffic"
}

# render PROJECT REVISION IMAGE TRAFFIC: service.yaml with every ${NAME} filled, and the traffic where it was.
render() {
  local project=$1 line name secret
  local -A values=()
  for name in "${!SETTINGS[@]}"; do values[$name]=${SETTINGS[$name]//\{project\}/$project}; done
  values[PROJECT]=$project values[REVISION]=$2 values[IMAGE]=$3
  while IFS= read -r line; do
    if [[ $line =~ \#\ with\ secret\ ([a-z-]+)$ ]]; then
      secret=${BASH_REMATCH[1]}
      [[ " ${ABSENT_SECRETS[*]-} " == *" $secret "* ]] && continue
    fi
    if [[ $line =~ \#\ with\ setting\ ([A-Z_]+)$ && -z ${values[${BASH_REMATCH[1]}]-} ]]; then continue; fi
    while [[ $line =~ \$\{([A-Z_]+)\} ]]; do
      name=${BASH_REMATCH[1]}
      [[ -n ${values[$name]-} ]] || stop "service.yaml wants $name, and env/${SETTINGS[PLATFORM_ENV]}.yaml has none"
      line=${line//"\${$name}"/${values[$name]}}
    done
    printf '%s\n' "$line"
  done <"$DEPLOY_DIR/cloud-run/service.yaml"
  render_traffic "$2" "$4"
}

render_traffic() {
  local revision percent tag
  printf '  traffic:\n    - revisionName: %s\n      tag: candidate\n' "$1"
  if [[ -z $2 ]]; then
    printf '      percent: 100\n' # the first revision: nothing else could serve
    return
  fi
  printf '      percent: 0\n'
  while IFS=, read -r revision percent tag; do
    if [[ $tag == candidate ]]; then tag=; fi # the new one's now
    [[ -n $revision && -n $percent$tag ]] || continue
    printf '    - revisionName: %s\n      percent: %s\n' "$revision" "${percent:-0}"
    if [[ -n $tag ]]; then printf '      tag: %s\n' "$tag"; fi
  done <<<"$2"
}

show_plan() {
  local traffic=
  services_of "$1" "$2"
  if [[ $EXISTS == yes ]]; then traffic=$(traffic_of "$1" "$2") || stop "the traffic of $SERVICE cannot be read"; fi
  step "dry run: nothing is changed; build: $4"
  render "$1" "$SERVICE-dry-run" "${3:-$(image_name "$1")@sha256:(of the image that is pushed)}" "$traffic"
}

main "$@"
